import { DEFAULT_MAX_FRAME_BYTES } from "@net/core";
import { assertKnown } from "@net/core/options";
import { invalid } from "../names.ts";

const KiB = 1_024;
const MiB = 1_024 * KiB;

/** What one peer spends at most on others. All are whole numbers. */
export interface PeerLimits {
  // Strangers: before a peer has proven who it is.
  /** Handshakes of callers under way at the same time. Default 64. */
  readonly maxPendingHandshakes: number;
  /** The same of one host: an IPv4 address, or an IPv6 network of 64 bits. Default 10. */
  readonly maxPendingHandshakesPerHost: number;
  /** Handshakes that one host may begin in a second, over time; four times as many at once. Default 10. */
  readonly handshakesPerSecondPerHost: number;
  /** How long a handshake may take, in ms: four frames and two signatures. Default 5000. */
  readonly handshakeTimeout: number;

  // Sizes.
  /** The largest frame of a link, whose batches are of this size at most. Default 1 MiB. */
  readonly maxFrameBytes: number;
  /**
   * The largest value that is sent or taken as one: a message, the arguments or the result of a call. Between two peers the
   * smaller of theirs holds; up to 16 KiB always pass. Default 1 MiB.
   */
  readonly maxMessageBytes: number;

  // What linked peers may have at the same time.
  /** Calls of other peers under way here, over all tools. Default 1024. */
  readonly maxIncomingCalls: number;
  /** End-to-end sessions with peers that are reached through relays. Default 1024. */
  readonly maxSessions: number;

  // What this peer carries for others, for each neighbour, if it relays at all.
  /** What comes faster waits, and holds the neighbour's credit. Default 32 MiB. */
  readonly relayBytesPerSecond: number;
  /** Default 10,000. */
  readonly relayFramesPerSecond: number;
}

/** What {@link PeerLimits} says unless it is told otherwise. */
export const DEFAULT_LIMITS: PeerLimits = {
  maxPendingHandshakes: 64,
  maxPendingHandshakesPerHost: 10,
  handshakesPerSecondPerHost: 10,
  handshakeTimeout: 5_000,
  maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
  maxMessageBytes: MiB,
  maxIncomingCalls: 1_024,
  maxSessions: 1_024,
  relayBytesPerSecond: 32 * MiB,
  relayFramesPerSecond: 10_000,
};

/** The smallest that still works, where that is not 1. */
const least: Readonly<Partial<Record<keyof PeerLimits, number>>> = {
  // A chunk of 16 KiB and its headers, and the largest message of a handshake.
  maxFrameBytes: 64 * KiB,
  maxMessageBytes: KiB,
};

/** The limits with their defaults. @throws ValidationError naming the limit and what it must be. */
export function readLimits(given: Partial<PeerLimits> = {}): PeerLimits {
  assertKnown(given, DEFAULT_LIMITS, "limits");
  const limits = { ...DEFAULT_LIMITS, ...withoutUndefined(given) };
  for (const [name, value] of Object.entries(limits)) assertLimit(name as keyof PeerLimits, value);
  return limits;
}

function assertLimit(name: keyof PeerLimits, value: unknown): void {
  const min = least[name] ?? 1;
  if (Number.isSafeInteger(value) && Number(value) >= min) return;
  throw invalid(`limits.${name}`, `a whole number of ${min} or more`);
}

function withoutUndefined<T extends object>(given: T): Partial<T> {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Partial<T>;
}
