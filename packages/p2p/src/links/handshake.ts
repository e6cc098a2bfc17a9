import {
  type Clock,
  linkSignals,
  NetworkError,
  type NetworkTimeoutError,
  PermissionError,
} from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { Admission, Binding, Role } from "../admission/admission.ts";
import type { Standing } from "../admission/standing.ts";
import type { ChannelPolicy } from "../secure/channel-policy.ts";
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
import { attentiveTimeout } from "./attentive-timeout.ts";
import type { HandshakeChannel } from "./handshake-channel.ts";
import { HANDSHAKE_TIMEOUT, handshakeTimeout } from "./refusal.ts";
import type { Seats } from "./seats.ts";

/** What a peer says of itself in every handshake. */
export type Self = Greeting;

/** What this peer brings to every handshake, between neighbours or through relays. */
export interface SessionParty {
  readonly self: Self;
  /** Signs the keys of its links. */
  readonly identity: DeviceIdentity;
  /** How its links are protected. */
  readonly policy?: ChannelPolicy | undefined;
  readonly admission: Admission;
  /** Where the number of links is limited, and there may be one to each peer. */
  readonly seats?: Pick<Seats, "assertRoom" | "confirm"> | undefined;
  readonly clock: Clock;
  /** Whether the other end is reached through relays. Default false. */
  readonly relayed?: boolean | undefined;
}

/** The same, for links between neighbours. */
export interface Party extends SessionParty {
  readonly seats: Seats;
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
  /** The largest message that it takes. */
  readonly maxMessageBytes: number;
  readonly standing: Standing;
}

/** The dialler's first half: learns who is there, and checks it before anything is given away. */
export async function greet(
  channel: HandshakeChannel,
  { self, admission, relayed = false }: SessionParty,
  signal: AbortSignal,
): Promise<Acceptor> {
  channel.send(encodeHello(self));
  const { greeting, credentials } = readWelcome(await channel.read(FrameKind.welcome, signal));
  const { peerId, peerName } = greeting;
  assertFits(self, greeting);
  const binding = bindingOf(channel, "acceptor", self.peerId);
  const { device } = channel;
  const standing = await admission.checkAcceptor(peerId, { ...credentials, device }, binding);
  admission.admit({ peerId, peerName, device, relayed, ...standing });
  return { greeting, standing };
}

/**
 * The dialler's second half: proves who this peer is.
 *
 * @param token one that it was given; default: it makes its own, if it knows the secret.
 */
export async function prove(
  channel: HandshakeChannel,
  { admission }: SessionParty,
  { greeting, standing }: Acceptor,
  { token, signal }: { readonly token: string | undefined; readonly signal: AbortSignal },
): Promise<Acquaintance> {
  const shown = await admission.show(bindingOf(channel, "dialler", greeting.peerId), standing);
  const credentials = token === undefined ? shown : { ...shown, token };
  channel.send(encodeProof(credentials));
  await channel.read(FrameKind.ready, signal);
  hold(channel, admission, greeting.peerId, standing);
  return { ...acquaintance(greeting), standing };
}

/** The acceptor's first half: learns who is there, and lets it prove that. */
export async function welcome(
  channel: HandshakeChannel,
  { self, admission, seats, relayed = false }: SessionParty,
  signal: AbortSignal,
): Promise<Acquaintance> {
  const hello = readHello(await channel.read(FrameKind.hello, signal));
  const { peerId, peerName } = hello;
  assertFits(self, hello);
  seats?.assertRoom();
  const credentials = await admission.show(bindingOf(channel, "acceptor", peerId));
  channel.send(encodeWelcome({ greeting: self, credentials }));
  const proven = readProof(await channel.read(FrameKind.proof, signal));
  const binding = bindingOf(channel, "dialler", self.peerId);
  const { device } = channel;
  const shown = { ...proven, device };
  const standing = await admission.checkDialler(peerId, shown, binding);
  admission.admit({ peerId, peerName, device, relayed, ...standing });
  return { ...acquaintance(hello), standing };
}

/** The acceptor's second half: the link is agreed on, unless there is another one by now. */
export function agree(
  channel: HandshakeChannel,
  { seats, admission }: SessionParty,
  { peerId, standing }: Acquaintance,
): void {
  seats?.confirm(peerId);
  hold(channel, admission, peerId, standing);
  channel.send(encodeReady());
}

/** No other device is let in under that id while this link lasts. */
function hold(
  { device, keepsIdentity, link }: HandshakeChannel,
  admission: Admission,
  peerId: string,
  standing: Standing,
): void {
  admission.hold(peerId, { device, keepsIdentity, standing }, link.closed);
}

/** Runs a handshake, but not for ever. @param timeout in ms in which this process runs; default 5000. @throws NetworkTimeoutError `handshake` */
export async function inTime<T>(
  address: string,
  { clock, signal, timeout = HANDSHAKE_TIMEOUT }: HandshakeTime,
  handshake: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using limit = linkSignals([signal]);
  const late = (): NetworkTimeoutError => handshakeTimeout(address, timeout);
  using _timer = attentiveTimeout(clock, timeout, () => limit.abort(late()));
  try {
    return await handshake(limit.signal);
  } catch (error) {
    const isLate = limit.signal.aborted && !signal.aborted;
    throw isLate && NetworkError.is(error, "ABORTED") ? late() : error;
  }
}

/** How long a handshake may take, and what ends it. */
export interface HandshakeTime {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeout?: number | undefined;
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
  maxMessageBytes,
}: Greeting): Omit<Acquaintance, "standing"> {
  return { peerId, peerName, capabilities, maxMessageBytes };
}
