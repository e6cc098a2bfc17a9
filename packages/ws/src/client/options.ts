import type { Clock, NetworkError, Rng } from "@net/core";
import type { CompressionOptions } from "../socket/compression.ts";
import type { ProxyOption } from "../socket/proxy-options.ts";
import type { Message } from "../socket/socket.ts";
import type { TLSOptions } from "../socket/tls-options.ts";
import type { Overflow } from "./outbox.ts";

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
  /** No delay is longer, in ms, unless the server asks for it. Default 30,000. */
  readonly max?: number | undefined;
  /**
   * In place of `min` after a sudden loss, which all clients of a server have at the same moment, in ms. Default ten
   * times `min`: of 10,000 clients whose server restarts, at most 2 % come back in any 100 ms.
   */
  readonly spread?: number | undefined;
  /** The delays start from `min` again only after a connection lasted this long, in ms. Default 5000. */
  readonly resetAfter?: number | undefined;
  /** Decides in place of the client whether to try again. */
  readonly shouldRetry?: ((failure: ConnectionFailure) => boolean) | undefined;
}

/** A sign of life among the messages, where the platform has none of its own, or something in between answers those. */
export interface PingOptions {
  /** How often the server is asked, in ms. Default 20,000. */
  readonly interval?: number | undefined;
  /** What asks. Default the text `ping`. */
  readonly message?: Message | undefined;
  /** Knows the answers; they are not passed on. Default: the text `pong`. */
  readonly isPong?: ((message: Message) => boolean) | undefined;
}

/** Messages that wait to be sent, because there is no connection or it is slow. */
export interface BufferOptions {
  /** How much may wait: bytes, or UTF-16 units of text, and 64 for each message. Default 1 MiB. */
  readonly bytes?: number | undefined;
  /**
   * What happens to more: `reject` refuses it, `drop-oldest` refuses in its place what waits longest, both with
   * `OVERLOADED`; `block` makes it wait too, so that only what nobody awaits can pile up. Default `reject`.
   */
  readonly overflow?: Overflow | undefined;
}

export interface TimeoutOptions {
  /** For one attempt, URL, headers and proxy included, in ms. Default 10,000. */
  readonly connect?: number | undefined;
  /** Silence after which a connection counts as dead, in ms. Default 45,000. Only where the server is pinged. */
  readonly idle?: number | undefined;
}

export interface WebSocketClientOptions {
  /** Not in browsers: they set no headers. */
  readonly headers?: HeadersSource | undefined;
  /** Subprotocols, the preferred one first. */
  readonly protocols?: string | readonly string[] | undefined;
  /** Ends the client when it aborts, at any time. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether, and how fast, to connect again. False: never; what fails before a connection is open rejects `connect`, and
   * a loss ends the client. Default true.
   */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
  /** The same as `reconnect.min`. */
  readonly reconnectInterval?: number | undefined;
  /** The same as `reconnect.max`. */
  readonly maxReconnectDelay?: number | undefined;
  readonly timeout?: TimeoutOptions | undefined;
  /**
   * How often the server is asked for a sign of life, in ms; false never asks, nor minds silence. Default 20,000.
   * Browsers cannot, unless the server knows {@link PingOptions}: then everywhere in its messages.
   */
  readonly ping?: number | false | PingOptions | undefined;
  readonly buffer?: BufferOptions | undefined;
  /** Bytes that may wait in the socket, and messages that were received and wait to be read. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** The largest message received, in bytes, inflated. Default 1 MiB. */
  readonly maxPayload?: number | undefined;
  /** Offers compression to the server. Default false: it costs much CPU and memory. Browsers decide it themselves. */
  readonly perMessageDeflate?: boolean | CompressionOptions | undefined;
  /** Certificates for `wss`. Not in browsers. */
  readonly tls?: TLSOptions | undefined;
  /** Default none, whatever the environment says. Not in browsers. */
  readonly proxy?: ProxyOption | undefined;
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
}
