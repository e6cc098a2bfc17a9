import {
  AuthenticationError,
  type Clock,
  type Dialer,
  deadline,
  isRecord,
  systemClock,
} from "@net/core";
import { type DeviceCertificate, type DeviceIdentity, OwnerTrust } from "@net/core/identity";
import { text } from "@net/core/options";
import { invalid } from "../names.ts";
import { isProof, proofOf } from "./code.ts";
import { type PairingInvitation, parseInvitation } from "./invitation.ts";
import { encodeRequest, readGrant } from "./messages.ts";
import { assertPairOptions } from "./option-rules.ts";
import { type PairingLink, pairingLink } from "./pairing-link.ts";

/** For everything, from dialling to the certificate, in ms. */
const TIMEOUT = 15_000;

export interface PairDeviceOptions {
  /** This device's key, which the certificate will be for: keep it. */
  readonly identity: DeviceIdentity;
  /** What this device would like to be called. */
  readonly name: string;
  readonly transport: Dialer;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** What makes this device one of its owner's: what `PeerNetwork`'s option `owner` wants. Keep it. */
export interface PairedDevice {
  readonly trust: OwnerTrust;
  readonly certificate: string;
  /** What the owner calls this device: its `peerId`. */
  readonly name: string;
}

/**
 * Makes this device one of an owner's, who offers that on another one.
 *
 * @param invitation the text of the QR code, or the address and the code as they were typed.
 * @throws AuthenticationError if the code is wrong, or the other end does not know it; OverloadedError if it was used;
 * ValidationError for what is no invitation; ConnectionError; NetworkTimeoutError `DEADLINE_EXCEEDED` after 15 s; AbortedError.
 * @example
 * ```ts
 * const { name, trust, certificate } = await pairDevice(invitation, { identity, name: "phone", transport });
 * const network = new PeerNetwork({ peerId: name, identity, owner: { trust, certificate } });
 * ```
 */
export async function pairDevice(
  invitation: string | PairingInvitation,
  options: PairDeviceOptions,
): Promise<PairedDevice> {
  assertPairOptions(options);
  const { address, code } = readInvitation(invitation);
  const { identity, transport, clock = systemClock } = options;
  using limit = deadline(TIMEOUT, options.signal, { clock });
  const { signal } = limit;
  const below = await transport.dial(address, { signal });
  const link = await pairingLink(below, { role: "initiator", identity, signal });
  try {
    const paired = await ask(link, code, options, signal);
    await link.close();
    return paired;
  } catch (error) {
    await link.refuse(error);
    throw error;
  }
}

function readInvitation(invitation: string | PairingInvitation): PairingInvitation {
  if (typeof invitation === "string") return parseInvitation(invitation);
  const isWhole =
    isRecord(invitation) && text.accepts(invitation.address) && text.accepts(invitation.code);
  if (isWhole) return invitation;
  throw invalid("the invitation", "a text, or an address and a code");
}

async function ask(
  link: PairingLink,
  code: string,
  { identity, name, clock }: PairDeviceOptions,
  signal: AbortSignal,
): Promise<PairedDevice> {
  link.send(encodeRequest({ name, proof: proofOf(code, "device", link.channel) }));
  const grant = readGrant(await link.next(signal));
  if (!isProof(grant.proof, code, "owner", link.channel)) {
    throw new AuthenticationError("whoever answered does not know the code");
  }
  const trust = new OwnerTrust(grant.owner, { clock, statements: grant.statements });
  const certificate: DeviceCertificate = trust.accept(grant.certificate, identity.publicKey);
  return { trust, certificate: certificate.text, name: certificate.name };
}
