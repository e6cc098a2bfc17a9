import { type Clock, linkSignals, NetworkError, PermissionError } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { Admission } from "../admission/admission.ts";
import type { Claims } from "../admission/token.ts";
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
  readonly claims: Claims | undefined;
}

/** What is known of the other end after a handshake. */
export interface Acquaintance {
  readonly peerId: string;
  readonly peerName: string;
  readonly capabilities: readonly string[];
  readonly claims: Claims | undefined;
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
  const { token, ...greeting } = readWelcome(await channel.read(FrameKind.welcome, signal));
  const { peerId, peerName } = greeting;
  assertFits(self, greeting);
  const binding = { channel: channel.id, role: "acceptor", peer: self.peerId } as const;
  const claims = await admission.checkAcceptor(peerId, token, binding);
  admission.admit({ peerId, peerName, claims });
  return { greeting, claims };
}

/**
 * The dialler's second half: proves who this peer is.
 *
 * @param token one that it was given; default: it makes its own, if it knows the secret.
 */
export async function prove(
  channel: HandshakeChannel,
  { admission, advert }: Party,
  { greeting, claims }: Acceptor,
  { token, signal }: { readonly token: string | undefined; readonly signal: AbortSignal },
): Promise<Acquaintance> {
  const binding = { channel: channel.id, role: "dialler", peer: greeting.peerId } as const;
  const proof = token ?? (await admission.prove(binding));
  channel.send(encodeProof({ token: proof, advert: advert() }));
  const { body } = await channel.read(FrameKind.ready, signal);
  assertAdvertOf(greeting.peerId, body);
  return { ...acquaintance(greeting), claims, advert: body };
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
  const answer = { channel: channel.id, role: "acceptor", peer: peerId } as const;
  channel.send(encodeWelcome({ ...self, token: await admission.prove(answer) }));
  const proof = readProof(await channel.read(FrameKind.proof, signal));
  const binding = { channel: channel.id, role: "dialler", peer: self.peerId } as const;
  const claims = await admission.checkDialler(peerId, proof.token, binding, channel.device);
  admission.admit({ peerId, peerName, claims });
  assertAdvertOf(peerId, proof.advert);
  return { ...acquaintance(hello), claims, advert: proof.advert };
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

function acquaintance({
  peerId,
  peerName,
  capabilities,
}: Greeting): Pick<Acquaintance, "peerId" | "peerName" | "capabilities"> {
  return { peerId, peerName, capabilities };
}
