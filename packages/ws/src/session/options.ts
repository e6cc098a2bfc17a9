import {
  assertPositive,
  type Clock,
  type JsonValue,
  type Schema,
  systemClock,
  ValidationError,
} from "@net/core";
import { assertOptions } from "@net/core/options";
import { windowRules } from "./option-rules.ts";
import type { SessionStore } from "./store/store.ts";
import { MAX_PING_MS, MAX_WINDOW, MIN_PING_MS } from "./wire/limits.ts";

/** What both ends of a session may be told. */
export interface ExchangeOptions<Body = JsonValue, Tx = unknown> {
  /**
   * Where this end keeps what must survive it: `sqliteSessionStore` of `@net/ws/sqlite`, or `memorySessionStore()`, with
   * which what waits ends with the process. There is no default: which of them it is, somebody has to decide.
   */
  readonly store: SessionStore<Tx>;
  /** What bodies of the other end must look like. One that does not ends the session, and stays unacknowledged. */
  readonly schema?: Schema<Body> | undefined;
  /**
   * What may be here unacknowledged, so that a slow reader slows the other end down: by default 256 messages (at most
   * 1024) and 512 KiB of bodies, and one message more.
   */
  readonly window?: { readonly messages?: number; readonly bytes?: number } | undefined;
  /** The largest body, as JSON text in UTF-8; default 256 KiB. The link must carry it, and 1 KiB more. */
  readonly maxMessageBytes?: number | undefined;
  /** How many published messages may wait; default 10,000. */
  readonly maxWaiting?: number | undefined;
  /** How often this end gives a sign of life, in ms; default 15,000. After three without one it is given up. */
  readonly ping?: number | undefined;
  /**
   * How long the other end may take nothing off a full link, in ms; default 30,000. Meanwhile its messages wait in the
   * store, and nowhere else; afterwards it is sent away as `overloaded`, and gets them when it comes back.
   */
  readonly stallTimeout?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface ExchangeSettings<Body, Tx> {
  readonly store: SessionStore<Tx>;
  readonly schema: Schema<Body> | undefined;
  readonly windowMessages: number;
  readonly windowBytes: number;
  readonly maxMessageBytes: number;
  readonly maxWaiting: number;
  readonly pingMs: number;
  readonly stallTimeout: number;
  readonly clock: Clock;
}

/** @throws ValidationError if an option is out of range. */
export function exchangeSettings<Body, Tx>(
  options: ExchangeOptions<Body, Tx>,
): ExchangeSettings<Body, Tx> {
  const { window = {} } = options;
  assertOptions(window, windowRules, "window");
  const { messages = 256, bytes = 512 * 1024 } = window;
  const { maxMessageBytes = 256 * 1024, maxWaiting = 10_000, ping = 15_000 } = options;
  if (!(ping >= MIN_PING_MS && ping <= MAX_PING_MS)) {
    throw new ValidationError(`ping must be ${MIN_PING_MS} to ${MAX_PING_MS} ms, not ${ping}`);
  }
  return {
    store: options.store,
    schema: options.schema,
    windowMessages: assertWhole(messages, "window.messages", MAX_WINDOW),
    windowBytes: assertWhole(bytes, "window.bytes"),
    maxMessageBytes: assertWhole(maxMessageBytes, "maxMessageBytes"),
    maxWaiting: assertPositive(maxWaiting, "maxWaiting"),
    pingMs: Math.ceil(ping),
    stallTimeout: assertPositive(options.stallTimeout ?? 30_000, "stallTimeout"),
    clock: options.clock ?? systemClock,
  };
}

function assertWhole(value: number, what: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw new ValidationError(`${what} must be a whole number from 1 to ${max}, not ${value}`);
}
