import {
  type Clock,
  DEFAULT_CLOSE_TIMEOUT,
  DEFAULT_HIGH_WATER_MARK,
  systemClock,
  ValidationError,
} from "@net/core";
import type { Framing } from "../framing/framing.ts";
import { raw } from "../framing/raw.ts";
import { atLeast, positiveTime, wholeNumber } from "../validate.ts";

export interface TCPConnectionOptions {
  /** How messages lie in the stream. Default `raw()`. */
  readonly framing?: Framing | undefined;
  /** Bytes that may wait in each direction before the sender is made to wait. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** Ends the connection after this much silence in both directions, in ms. Default none. */
  readonly idleTimeout?: number | undefined;
  /** Ends the connection when it aborts, at any time. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

export interface WaitOptions {
  /** Stops waiting; rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

export interface CloseTCPOptions {
  /** How long what was sent may take to leave, and the other side to end, in ms. Default 5000. */
  readonly timeout?: number | undefined;
}

/** What a connection needs to know, every default in place. */
export interface ConnectionSettings {
  readonly framing: Framing;
  readonly highWaterMark: number;
  readonly idleTimeout: number;
  readonly clock: Clock;
}

/** @throws ValidationError naming the option that is out of range. */
export function connectionSettings(options: TCPConnectionOptions): ConnectionSettings {
  const { framing = raw(), clock = systemClock } = options;
  return {
    framing: checkedFraming(framing),
    clock,
    highWaterMark: wholeNumber("highWaterMark", options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK),
    idleTimeout: positiveTime("idleTimeout", options.idleTimeout ?? Number.POSITIVE_INFINITY),
  };
}

/** How long a polite end may take, in ms. @throws ValidationError */
export function closeTimeout({ timeout = DEFAULT_CLOSE_TIMEOUT }: CloseTCPOptions = {}): number {
  return atLeast(0, "timeout", timeout);
}

/** `lengthPrefix` without its parentheses, say, is noticed before anything is opened. */
function checkedFraming(framing: Framing): Framing {
  const { encode, decoder } = Object(framing) as Partial<Framing>;
  if (typeof encode === "function" && typeof decoder === "function") return framing;
  throw new ValidationError("framing must have encode and decoder, as what lengthPrefix() returns");
}
