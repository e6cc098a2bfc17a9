import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTLSServer } from "node:tls";
import { ValidationError } from "@net/core";
import { positiveInteger } from "../validate.ts";
import { keepAliveDelay } from "./keep-alive.ts";
import type { TCPServerOptions } from "./server-options.ts";
import type { TLSServerOptions } from "./tls.ts";

const DEFAULT_MAX_CONNECTIONS = 1024;
/** A client that does not finish its TLS handshake holds a place for no longer than this, in ms. */
const TLS_HANDSHAKE_TIMEOUT = 10_000;

/** Node's server, not listening yet. @throws ValidationError naming the option that is out of range. */
export function createServer(options: TCPServerOptions, accept: (socket: Socket) => void): Server {
  const { tls, maxConnections = DEFAULT_MAX_CONNECTIONS, allowHalfOpen = false } = options;
  const delay = keepAliveDelay(options.keepAlive);
  const probing = delay === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: delay };
  const plain = { noDelay: true, allowHalfOpen, ...probing };
  const server = tls
    ? createTLSServer({ ...plain, ...certified(tls), handshakeTimeout: TLS_HANDSHAKE_TIMEOUT })
    : createPlainServer(plain);
  server.maxConnections = positiveInteger("maxConnections", maxConnections);
  server.on(tls ? "secureConnection" : "connection", accept);
  return server;
}

function certified(tls: TLSServerOptions): TLSServerOptions {
  if (tls.key && tls.cert) return tls;
  throw new ValidationError("a TLS server needs a key and a certificate: tls: { key, cert }");
}
