import {
  aborting,
  assertOptions,
  callable,
  clock,
  either,
  flag,
  logger,
  type Rule,
  type Rules,
  readElsewhere,
  rng,
  someRecord,
} from "@net/core/options";
import type { TCPClientOptions } from "./client-options.ts";
import type { TCPConnectionOptions } from "./connection-options.ts";
import type { ReconnectOptions } from "./reconnect.ts";
import type { TCPServerOptions } from "./server-options.ts";

const amount: Rule = { words: "a number", accepts: (value) => typeof value === "number" };

const connection: Rules<TCPConnectionOptions> = {
  ...{ framing: readElsewhere, highWaterMark: readElsewhere, idleTimeout: readElsewhere },
  ...{ signal: aborting, clock },
};

const client: Rules<TCPClientOptions> = {
  ...{ ...connection, timeout: readElsewhere, tls: either(flag, someRecord) },
  ...{ reconnect: either(flag, someRecord), noDelay: flag, keepAlive: either(flag, amount) },
  ...{ allowHalfOpen: flag, lookup: callable, rng },
};

const reconnect: Rules<ReconnectOptions> = {
  ...{ min: amount, max: amount, resetAfter: amount, shouldRetry: callable },
};

const server: Rules<TCPServerOptions> = {
  ...{ ...connection, port: readElsewhere, host: readElsewhere, path: readElsewhere },
  ...{ tls: someRecord, maxConnections: readElsewhere, keepAlive: either(flag, amount) },
  ...{ allowHalfOpen: flag, logger },
};

/** Checks what TypeScript cannot. @throws ValidationError naming the option and what it must be. */
export function assertClientOptions(options: TCPClientOptions): void {
  assertOptions(options, client, "a TCPClient", (name) => name);
  const given = options.reconnect;
  if (typeof given === "object") assertOptions(given, reconnect, "reconnect");
}

/** The same of a server's. @throws ValidationError */
export function assertServerOptions(options: TCPServerOptions): void {
  assertOptions(options, server, "a TCPServer", (name) => name);
}
