import { createServer as createPlainServer, type Server } from "node:http";
import { createServer as createTLSServer } from "node:https";
import { ValidationError } from "@net/core";
import {
  DEFAULT_HANDSHAKE_TIMEOUT,
  DEFAULT_MAX_CONNECTIONS,
  type WebSocketTransportOptions,
} from "./options.ts";

/** A handshake needs a few hundred bytes; tokens in headers a few thousand. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How often Node looks for handshakes that take too long, in ms. */
const CHECK_PERIOD = 1_000;
/** Connections that are no link yet may be as many again, so that they can be told that there are too many. */
const CONNECTIONS_PER_LINK = 2;

/**
 * An HTTP server that does nothing but WebSocket handshakes: any other request is answered with 426 and closed.
 *
 * @throws ValidationError if it should be secure and has no certificate.
 */
export function handshakeServer(isSecure: boolean, options: WebSocketTransportOptions): Server {
  const { maxConnections = DEFAULT_MAX_CONNECTIONS } = options;
  const server = createServer(isSecure, options);
  server.maxConnections = CONNECTIONS_PER_LINK * maxConnections;
  server.on("request", (_request, response) => {
    response.writeHead(426, { upgrade: "websocket", connection: "close" }).end();
  });
  return server;
}

function createServer(
  isSecure: boolean,
  { tls, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT }: WebSocketTransportOptions,
): Server {
  const limits = {
    noDelay: true,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: handshakeTimeout,
    requestTimeout: handshakeTimeout,
    connectionsCheckingInterval: Math.min(CHECK_PERIOD, handshakeTimeout),
  };
  if (!isSecure) return createPlainServer(limits);
  if (!tls?.key || !tls.cert) {
    throw new ValidationError(
      "listening at wss: needs a key and a certificate: tls: { key, cert }",
    );
  }
  return createTLSServer({ ...limits, ...tls, handshakeTimeout });
}
