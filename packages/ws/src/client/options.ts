import {
  type Backoff,
  type Clock,
  DEFAULT_HIGH_WATER_MARK,
  exponential,
  type NetworkError,
  type Rng,
  systemClock,
  systemRng,
  ValidationError,
} from "@net/core";
import { payloadLimit } from "../socket/payload-limit.ts";

/** What the functions that make an attempt's URL and headers get to know. */
export interface AttemptContext {
  /** 1 for the first attempt, and again after a connection that was stable. */
  readonly attempt: number;
  /** Why the connection before ended, if there was one: a refused token can be made afresh. */
  readonly error?: NetworkError;
  /** Aborts when the attempt is given up. */
  readonly signal: AbortSignal;
}

/** A value, or a function that is asked for it at every attempt to connect. */
export type PerAttempt<T> = T | ((context: AttemptContext) => T | PromiseLike<T>);

/** Where to connect. A function is asked for every attempt, since tokens in a URL expire. */
export type URLSource = PerAttempt<string | URL>;

/** HTTP headers of the handshake. A function is asked for every attempt. */
export type HeadersSource = PerAttempt<Readonly<Record<string, string>>>;

/** A connection that ended, or could not be made. */
export interface ConnectionFailure {
  /** Failed attempts in a row; 1 after the first. */
  readonly attempt: number;
  readonly error: NetworkError;
  /** How it was closed, if it was open: a close code of RFC 6455 §7.4. */
  readonly closeCode?: number;
  /** What the client would do by itself. */
  readonly retry: boolean;
}

export interface ReconnectOptions {
  /** The first delay is drawn from 0 to this, in ms, and doubles from there. Default 1000. */
  readonly min?: number | undefined;
  /** No delay is longer, in ms. Default 30,000. */
  readonly max?: number | undefined;
  /** The delays start from `min` again only after a connection lasted this long, in ms. Default 5000. */
  readonly resetAfter?: number | undefined;
  /** Decides in place of the client whether to try again. */
  readonly shouldRetry?: ((failure: ConnectionFailure) => boolean) | undefined;
}

export interface WebSocketClientOptions {
  /** Not in browsers: they set no headers. */
  readonly headers?: HeadersSource | undefined;
  /** Subprotocols, the preferred one first. */
  readonly protocols?: string | readonly string[] | undefined;
  /** Ends the client when it aborts, at any time. */
  readonly signal?: AbortSignal | undefined;
  readonly reconnect?: ReconnectOptions | undefined;
  /** The same as `reconnect.min`. */
  readonly reconnectInterval?: number | undefined;
  /** The same as `reconnect.max`. */
  readonly maxReconnectDelay?: number | undefined;
  readonly timeout?:
    | {
        /** For one attempt, URL and headers included, in ms. Default 10,000. */
        readonly connect?: number | undefined;
        /** Silence after which a connection counts as dead, in ms. Default 45,000. Node only. */
        readonly idle?: number | undefined;
      }
    | undefined;
  /** How often the server is asked for a sign of life, in ms; false never asks, nor minds silence. Default 20,000. Node only. */
  readonly ping?: number | false | undefined;
  /** Messages that wait to be sent, because there is no connection or it is slow. */
  readonly buffer?: { readonly bytes?: number | undefined } | undefined;
  /** Bytes that may wait in the socket, and messages that were received and wait to be read. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** The largest message received, in bytes. Default 1 MiB. */
  readonly maxPayload?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
}

/** The options with every default in place. */
export interface Settings {
  readonly headers: HeadersSource | undefined;
  readonly protocols: readonly string[];
  readonly backoff: Backoff;
  readonly resetAfter: number;
  readonly shouldRetry: (failure: ConnectionFailure) => boolean;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly ping: number | false;
  readonly bufferBytes: number;
  readonly highWaterMark: number;
  readonly maxPayload: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

const MIB = 1024 * 1024;

/** @throws ValidationError naming the option that is out of range. */
export function settingsOf(options: WebSocketClientOptions): Settings {
  const { reconnect = {}, timeout = {}, protocols = [] } = options;
  const min = atLeast(0, "reconnect.min", reconnect.min ?? options.reconnectInterval ?? 1_000);
  const max = atLeast(min, "reconnect.max", reconnect.max ?? options.maxReconnectDelay ?? 30_000);
  const ping = options.ping === false ? false : atLeast(1, "ping", options.ping ?? 20_000);
  const idleTimeout = timeout.idle ?? 45_000;
  return {
    headers: options.headers,
    protocols: typeof protocols === "string" ? [protocols] : protocols,
    backoff: exponential({ initial: min, max }),
    resetAfter: atLeast(0, "reconnect.resetAfter", reconnect.resetAfter ?? 5_000),
    shouldRetry: reconnect.shouldRetry ?? (({ retry }) => retry),
    connectTimeout: atLeast(1, "timeout.connect", timeout.connect ?? 10_000),
    // Less than a ping's period would take every quiet connection for a dead one.
    idleTimeout: ping === false ? idleTimeout : atLeast(ping + 1, "timeout.idle", idleTimeout),
    ping,
    bufferBytes: atLeast(1, "buffer.bytes", options.buffer?.bytes ?? MIB),
    highWaterMark: atLeast(1, "highWaterMark", options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK),
    maxPayload: payloadLimit("maxPayload", options.maxPayload ?? MIB),
    clock: options.clock ?? systemClock,
    rng: options.rng ?? systemRng,
  };
}

function atLeast(least: number, name: string, value: number): number {
  if (value >= least) return value;
  throw new ValidationError(`${name} must be ${least} or more, not ${value}`);
}
