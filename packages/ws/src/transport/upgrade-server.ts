import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  STATUS_CODES,
} from "node:http";
import { createServer as createTLSServer } from "node:https";
import type { Duplex } from "node:stream";
import { ValidationError } from "@net/core";
import type { Upgrade } from "../socket/node.ts";
import type { TransportTLSOptions } from "./options.ts";

/** A handshake needs a few hundred bytes; tokens in headers a few thousand. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How often Node looks for handshakes that take too long, in ms. */
const CHECK_PERIOD = 1_000;

export interface UpgradeServerOptions {
  readonly isSecure: boolean;
  readonly tls: TransportTLSOptions | undefined;
  /** For everything before the link is open, in ms. */
  readonly handshakeTimeout: number;
  readonly path: string;
  /** Web pages that may connect. */
  readonly origins: readonly string[];
  readonly upgrade: Upgrade;
  readonly accept: Parameters<Upgrade>[3];
}

/**
 * An HTTP server that does nothing but WebSocket handshakes at one path, from programs and the web pages named: any
 * other request is answered and closed.
 *
 * @throws ValidationError if it should be secure and has no certificate.
 */
export function upgradeServer(options: UpgradeServerOptions): Server {
  const { upgrade, accept } = options;
  const server = createServer(options);
  server.on("request", (_request, response) => {
    response.writeHead(426, { upgrade: "websocket", connection: "close" }).end();
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, options);
    if (refusal === undefined) upgrade(request, stream, head, accept);
    else refuse(stream, refusal);
  });
  return server;
}

function createServer({ isSecure, tls, handshakeTimeout }: UpgradeServerOptions): Server {
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

/** The HTTP status of a handshake that is not accepted. */
function refusalOf(
  request: IncomingMessage,
  { path, origins }: UpgradeServerOptions,
): number | undefined {
  if (pathOf(request) !== path) return 404;
  const { origin } = request.headers;
  return origin === undefined || origins.includes(origin) ? undefined : 403;
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

function refuse(stream: Duplex, status: number): void {
  // It may be gone already; then nobody needs the answer.
  stream.on("error", () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
}
