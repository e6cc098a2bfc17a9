import type { Link, NetworkError } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import { endHandshake, errorOfClose } from "../links/refusal.ts";
import type { NoiseRole } from "../noise/handshake.ts";
import { FrameByFrame } from "../secure/frame-by-frame.ts";
import { secure } from "../secure/secure.ts";

/** What this handshake is for: a link of the mesh it is not. */
const CONTEXT = "pairing";
const NOTHING: Uint8Array = new Uint8Array(0);

/** A secured link, on which two devices say one thing after the other. */
export interface PairingLink {
  /** Names this channel: both ends have the same. */
  readonly channel: Uint8Array;
  /** The raw public key that the device at the other end has proven to hold. */
  readonly device: Uint8Array;
  send(frame: Uint8Array): void;
  next(signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
  /** Ends it, and says why. */
  refuse(error: NetworkError | unknown): Promise<void>;
}

export interface PairingLinkOptions {
  readonly role: NoiseRole;
  readonly identity: DeviceIdentity;
  readonly signal: AbortSignal;
}

/** @throws as `secure`. */
export async function pairingLink(
  below: Link,
  { role, identity, signal }: PairingLinkOptions,
): Promise<PairingLink> {
  const errorOf = (reason: Parameters<typeof errorOfClose>[0]): Error =>
    errorOfClose(reason, below.remoteAddress);
  const { link, other } = await secure(below, {
    ...{ role, identity, signal, errorOf },
    context: CONTEXT,
    introduction: NOTHING,
    check: (_body, device) => device,
    refuse: endHandshake,
  });
  const frames = new FrameByFrame(link, errorOf);
  return {
    channel: link.handshakeHash,
    device: other,
    send: (frame) => void link.send(frame),
    next: (within) => frames.next(within),
    close: () => link.close(),
    refuse: (error) => endHandshake(link, error),
  };
}
