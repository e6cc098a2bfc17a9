import {
  assertAmount,
  type Clock,
  DEFAULT_HIGH_WATER_MARK,
  type Rng,
  systemClock,
  systemRng,
  ValidationError,
} from "@net/core";
import { type Compression, compressionOf } from "../socket/compression.ts";
import { payloadLimit } from "../socket/payload-limit.ts";
import { type ProxyServer, proxyOf } from "../socket/proxy-options.ts";
import type { Message } from "../socket/socket.ts";
import type { TLSOptions } from "../socket/tls-options.ts";
import type {
  ConnectionFailure,
  HeadersSource,
  PingOptions,
  ReconnectOptions,
  URLSource,
  WebSocketClientOptions,
} from "./options.ts";
import type { Overflow } from "./outbox.ts";
import { assertClientOptions } from "./rules.ts";
import { webSocketURL } from "./url.ts";
import { atLeast, functionOr, headersSource, messageOf, subprotocols } from "./validate.ts";

/** How the other side is asked for a sign of life. */
export interface Ping {
  readonly interval: number;
  /** In a message; the platform's own ping without it. */
  readonly message?: Message;
  readonly isPong?: (message: Message) => boolean;
}

/** The options with every default in place. */
export interface Settings {
  readonly url: URLSource;
  readonly headers: HeadersSource | undefined;
  readonly protocols: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly min: number;
  readonly max: number;
  readonly spread: number;
  readonly resetAfter: number;
  readonly shouldRetry: (failure: ConnectionFailure) => boolean;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly ping: Ping | undefined;
  readonly bufferBytes: number;
  readonly overflow: Overflow;
  readonly highWaterMark: number;
  readonly maxPayload: number;
  readonly compression: Compression | undefined;
  readonly tls: TLSOptions | undefined;
  readonly proxy: ProxyServer | "environment" | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
}

const DEFAULT_PING = 20_000;
const DEFAULT_MIN = 1_000;
const DEFAULT_MAX = 30_000;
const MIB = 1024 * 1024;
/** Of 10,000 clients that lose their server at once, under 2 % come back in the worst 100 ms: see core's `RetryPace`. */
const SPREAD_FACTOR = 10;

/** @throws ValidationError naming the option that is out of range. */
export function settingsOf(url: URLSource, options: WebSocketClientOptions): Settings {
  assertClientOptions(options);
  const { protocols = [], timeout = {}, buffer = {} } = options;
  const ping = pingOf(options.ping ?? DEFAULT_PING);
  return {
    url: typeof url === "function" ? url : webSocketURL(url),
    headers: headersSource(options.headers),
    protocols: subprotocols(protocols),
    signal: options.signal,
    ...delaysOf(options),
    connectTimeout: atLeast(1, "timeout.connect", timeout.connect ?? 10_000),
    idleTimeout: idleTimeoutOf(timeout.idle ?? 45_000, ping),
    ping,
    bufferBytes: atLeast(1, "buffer.bytes", buffer.bytes ?? MIB),
    overflow: overflowOf(buffer.overflow ?? "reject"),
    highWaterMark: atLeast(1, "highWaterMark", options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK),
    maxPayload: payloadLimit("maxPayload", options.maxPayload ?? MIB),
    compression: compressionOf(options.perMessageDeflate ?? false),
    tls: options.tls,
    proxy: options.proxy === undefined ? undefined : proxyOf(options.proxy),
    clock: options.clock ?? systemClock,
    rng: options.rng ?? systemRng,
  };
}

function delaysOf(
  options: WebSocketClientOptions,
): Pick<Settings, "min" | "max" | "spread" | "resetAfter" | "shouldRetry"> {
  const { reconnectInterval, maxReconnectDelay } = options;
  const reconnect = reconnectOf(options.reconnect);
  const minName = reconnect.min === undefined ? "reconnectInterval" : "reconnect.min";
  const maxName = reconnect.max === undefined ? "maxReconnectDelay" : "reconnect.max";
  const min = assertAmount(reconnect.min ?? reconnectInterval ?? DEFAULT_MIN, minName);
  const max = atLeast(min, maxName, reconnect.max ?? maxReconnectDelay ?? DEFAULT_MAX);
  return {
    min,
    max: assertAmount(max, maxName),
    spread: assertAmount(reconnect.spread ?? SPREAD_FACTOR * min, "reconnect.spread"),
    resetAfter: atLeast(0, "reconnect.resetAfter", reconnect.resetAfter ?? 5_000),
    shouldRetry: functionOr(({ retry }) => retry, "reconnect.shouldRetry", reconnect.shouldRetry),
  };
}

/** The options of coming back; of one that never does, all that counts is that. */
function reconnectOf(option: boolean | ReconnectOptions = true): ReconnectOptions {
  if (option === false) return { shouldRetry: () => false };
  return option === true ? {} : option;
}

function pingOf(option: number | false | PingOptions): Ping | undefined {
  if (option === false) return undefined;
  if (typeof option === "number") return { interval: atLeast(1, "ping", option) };
  const { interval = DEFAULT_PING, message = "ping" } = option;
  const isPong = functionOr(isTextPong, "ping.isPong", option.isPong);
  return { interval: atLeast(1, "ping.interval", interval), message: messageOf(message), isPong };
}

function isTextPong(message: Message): boolean {
  return message === "pong";
}

/** Less than a ping's period would take every quiet connection for a dead one. */
function idleTimeoutOf(value: number, ping: Ping | undefined): number {
  return ping ? atLeast(ping.interval + 1, "timeout.idle", value) : value;
}

const overflows: readonly string[] = ["reject", "drop-oldest", "block"] satisfies Overflow[];

function overflowOf(value: Overflow): Overflow {
  if (overflows.includes(value)) return value;
  throw new ValidationError(
    `buffer.overflow must be "reject", "drop-oldest" or "block", not "${value}"`,
  );
}
