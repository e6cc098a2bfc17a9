import { type Clock, linkSignals, NetworkError, PermissionError } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { Admission, Binding, Role } from "../admission/admission.ts";
import type { Standing } from "../admission/standing.ts";
import { assertAdvertOf } from "../wire/advert.ts";
import {
  encodeHello,
  encodeProof,
  encodeReady,
  encodeWelcome,
  type Greeting,
  readHello,
  readProof,
  readWelcome,
} from "../wire/handshake.ts";
import { FrameKind } from "../wire/kinds.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { HANDSHAKE_TIMEOUT, handshakeTimeout } from "./refusal.ts";
import type { Seats } from "./seats.ts";

/** What a peer says of itself in every handshake. */
export type Self = Greeting;

/** What this peer brings to every handshake. */
export interface Party {
  readonly self: Self;
  /** Signs the keys of its links. */
  readonly identity: DeviceIdentity;
  readonly admission: Admission;
  readonly seats: Seats;
  readonly clock: Clock;
  /** What it advertises at the moment. */
  advert(): Uint8Array;
}

/** An acceptor that has shown who it is. */
export interface Acceptor {
  readonly greeting: Greeting;
  readonly standing: Standing;
}

/** What is known of the other end after a handshake. */
export interface Acquaintance {
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
  readonly standing: Standing;
  /** What it advertised: read once, and found well-formed. */
  readonly advert: Uint8Array;
}

/** The dialler's first half: learns who is there, and checks it before anything is given away. */
export async function greet(
  channel: HandshakeChannel,
  { self, admission }: Party,
  signal: AbortSignal,
): Promise<Acceptor> {
  channel.send(encodeHello(self));
  const { greeting, credentials } = readWelcome(await channel.read(FrameKind.welcome, signal));
  const { peerId, peerName } = greeting;
  assertFits(self, greeting);
  const binding = bindingOf(channel, "acceptor", self.peerId);
  const shown = { ...credentials, device: channel.device };
  const standing = await admission.checkAcceptor(peerId, shown, binding);
  admission.admit({ peerId, peerName, ...standing });
  return { greeting, standing };
}

/**
 * The dialler's second half: proves who this peer is.
 *
 * @param token one that it was given; default: it makes its own, if it knows the secret.
 */
export async function prove(
  channel: HandshakeChannel,
  { admission, advert }: Party,
  { greeting, standing }: Acceptor,
  { token, signal }: { readonly token: string | undefined; readonly signal: AbortSignal },
): Promise<Acquaintance> {
  const shown = await admission.show(bindingOf(channel, "dialler", greeting.peerId));
  const credentials = token === undefined ? shown : { ...shown, token };
  channel.send(encodeProof({ credentials, advert: advert() }));
  const { body } = await channel.read(FrameKind.ready, signal);
  assertAdvertOf(greeting.peerId, body);
  return { ...acquaintance(greeting), standing, advert: body };
}

/** The acceptor's first half: learns who is there, and lets it prove that. */
export async function welcome(
  channel: HandshakeChannel,
  { self, admission, seats }: Party,
  signal: AbortSignal,
): Promise<Acquaintance> {
  const hello = readHello(await channel.read(FrameKind.hello, signal));
  const { peerId, peerName } = hello;
  assertFits(self, hello);
  seats.assertRoom();
  const credentials = await admission.show(bindingOf(channel, "acceptor", peerId));
  channel.send(encodeWelcome({ greeting: self, credentials }));
  const proof = readProof(await channel.read(FrameKind.proof, signal));
  const binding = bindingOf(channel, "dialler", self.peerId);
  const shown = { ...proof.credentials, device: channel.device };
  const standing = await admission.checkDialler(peerId, shown, binding);
  admission.admit({ peerId, peerName, ...standing });
  assertAdvertOf(peerId, proof.advert);
  return { ...acquaintance(hello), standing, advert: proof.advert };
}

/** The acceptor's second half: the link is agreed on, unless there is another one by now. */
export function agree(
  channel: HandshakeChannel,
  { seats, advert }: Party,
  { peerId }: Acquaintance,
): void {
  seats.confirm(peerId);
  channel.send(encodeReady(advert()));
}

/** Runs a handshake, but not for ever. @throws NetworkTimeoutError `handshake` */
export async function inTime<T>(
  address: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  handshake: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using limit = linkSignals([signal]);
  using _timer = clock.setTimeout(() => limit.abort(handshakeTimeout(address)), HANDSHAKE_TIMEOUT);
  try {
    return await handshake(limit.signal);
  } catch (error) {
    const late = limit.signal.aborted && !signal.aborted;
    throw late && NetworkError.is(error, "ABORTED") ? handshakeTimeout(address) : error;
  }
}

function assertFits(self: Self, other: Greeting): void {
  if (other.networkId !== self.networkId) {
    throw new PermissionError(`${self.peerId} belongs to another network`);
  }
  if (other.peerId === self.peerId) {
    throw new PermissionError(`both ends of this link call themselves ${self.peerId}`);
  }
}

/** What a token on this channel must be for, if its end of that role shows it to that peer. */
function bindingOf({ id }: HandshakeChannel, role: Role, peer: string): Binding {
  return { channel: id, role, peer };
}

function acquaintance({
  peerId,
  peerName,
  capabilities,
}: Greeting): Pick<Acquaintance, "peerId" | "peerName" | "capabilities"> {
  return { peerId, peerName, capabilities };
}
