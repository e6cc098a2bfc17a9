import { ProtocolError } from "@net/core";
import { FrameByFrame } from "../secure/frame-by-frame.ts";
import type { SecureLink } from "../secure/secure-link.ts";
import { decodeFrame, type Frame } from "../wire/frame.ts";
import type { FrameKind } from "../wire/kinds.ts";
import { errorOfClose } from "./refusal.ts";

/** A secured link during the handshake on it: a frame is let in only when one is asked for. */
export class HandshakeChannel {
  readonly link: SecureLink;
  /** Names this channel: both ends have the same, and no other link has it. */
  readonly id: string;
  /** The raw public key that the device at the other end has proven to hold. */
  readonly device: Uint8Array;
  /** Whether that device will have the same key after a restart. */
  readonly keepsIdentity: boolean;
  readonly #frames: FrameByFrame;

  constructor(
    link: SecureLink,
    { device, keepsIdentity }: Pick<HandshakeChannel, "device" | "keepsIdentity">,
  ) {
    this.link = link;
    this.id = Buffer.from(link.handshakeHash).toString("base64url");
    this.device = device;
    this.keepsIdentity = keepsIdentity;
    this.#frames = new FrameByFrame(link, (reason) => errorOfClose(reason, link.remoteAddress));
  }

  send(frame: Uint8Array): void {
    this.link.send(frame);
  }

  /** The next frame. @throws ProtocolError if it is of another kind; the other side's refusal; AbortedError. */
  async read(kind: FrameKind, signal: AbortSignal): Promise<Frame> {
    const frame = decodeFrame(await this.#frames.next(signal));
    if (frame.kind === kind) return frame;
    throw new ProtocolError(`the handshake has a frame of kind ${frame.kind} instead of ${kind}`);
  }

  /** The handshake is over: all further frames go there. */
  handOver(onFrame: (frame: Uint8Array) => void): void {
    this.#frames.handOver(onFrame);
    this.link.resume();
  }
}
