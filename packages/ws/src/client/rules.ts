import { ValidationError } from "@net/core";
import {
  aborting,
  assertOptions,
  callable,
  clock,
  either,
  flag,
  listOf,
  type Rule,
  type Rules,
  readElsewhere,
  rng,
  someRecord,
  text,
} from "@net/core/options";
import type { CompressionOptions } from "../socket/compression.ts";
import type { ProxyOptions } from "../socket/proxy-options.ts";
import type {
  BufferOptions,
  PingOptions,
  ReconnectOptions,
  TimeoutOptions,
  WebSocketClientOptions,
} from "./options.ts";

const amount: Rule = { words: "a number", accepts: (value) => typeof value === "number" };
const off: Rule = { words: "false", accepts: (value) => value === false };
const url: Rule = { words: "a URL", accepts: (value) => value instanceof URL };
const texts: Rule = listOf(text, "a list of texts that are not empty");

const client: Rules<WebSocketClientOptions> = {
  ...{ headers: either(someRecord, callable), protocols: either(text, texts), signal: aborting },
  ...{ reconnect: either(flag, someRecord), reconnectInterval: amount, maxReconnectDelay: amount },
  ...{ timeout: someRecord, ping: either(off, amount, someRecord), buffer: someRecord },
  ...{ highWaterMark: amount, maxPayload: amount, perMessageDeflate: either(flag, someRecord) },
  ...{ tls: someRecord, proxy: either(text, url, someRecord), clock, rng },
};

const reconnect: Rules<ReconnectOptions> = {
  ...{ min: amount, max: amount, spread: amount, resetAfter: amount, shouldRetry: callable },
};
const timeout: Rules<TimeoutOptions> = { connect: amount, idle: amount };
const ping: Rules<PingOptions> = { interval: amount, message: readElsewhere, isPong: callable };
const buffer: Rules<BufferOptions> = { bytes: amount, overflow: readElsewhere };
const compression: Rules<CompressionOptions> = {
  ...{ threshold: amount, level: amount, contextTakeover: flag },
};
const proxy: Rules<ProxyOptions> = { url: either(text, url), headers: someRecord, tls: someRecord };

/** Options of an option that may be an object. */
const inner = { reconnect, timeout, ping, buffer, perMessageDeflate: compression, proxy };

/** Checks what TypeScript cannot, as far as it can be said of one value alone. @throws ValidationError */
export function assertClientOptions(options: WebSocketClientOptions): void {
  assertOptions(options, client, "a WebSocketClient", (name) => name);
  for (const [name, rules] of Object.entries(inner)) {
    const given = options[name as keyof typeof inner];
    if (someRecord.accepts(given) && !url.accepts(given)) assertOptions(given, rules, name);
  }
  assertOneSaysWhen(options);
}

/** How often to try again, where nothing is tried again. */
function assertOneSaysWhen({ reconnect, ...aliases }: WebSocketClientOptions): void {
  if (reconnect !== false) return;
  for (const name of ["reconnectInterval", "maxReconnectDelay"] as const) {
    if (aliases[name] === undefined) continue;
    throw new ValidationError(`${name} must be left out with reconnect: false`);
  }
}
