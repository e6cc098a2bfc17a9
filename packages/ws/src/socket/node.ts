import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, ValidationError } from "@net/core";
import { deflateOptions } from "./deflate.ts";
import { isOverTLS, noMask } from "./no-mask.ts";
import type { ClientTLSOptions, NodeSocketOptions } from "./node-options.ts";
import { NodeSocket } from "./node-socket.ts";
import { proxiedWay } from "./proxied-way.ts";
import { receiveLimits } from "./receive-limits.ts";
import { type ClientOptions, OwnedWebSocket, WebSocketServer } from "./ws-library.ts";

// Clients, and the accepting half of a listener.

/** Starts opening a socket. @throws ValidationError if the URL, a protocol or a header cannot be sent. */
export function openSocket(url: string, options: NodeSocketOptions): NodeSocket {
  const { protocols, headers, maxPayload, compression, clock } = options;
  try {
    const way = proxiedWay(url, options.proxy, clock);
    const ws = new OwnedWebSocket(url, [...protocols], {
      ...(options.tls as ClientTLSOptions),
      ...receiveLimits(maxPayload),
      perMessageDeflate: compression ? deflateOptions(compression) : false,
      headers,
      ...(options.unmasked && isOverTLS(url) && { generateMask: noMask }),
      // Typed for a socket at once; Node's HTTP client takes one that comes later too.
      createConnection: way?.connect as ClientOptions["createConnection"],
    });
    if (way) ws.on("close", way.end);
    return new NodeSocket(ws, clock);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ValidationError(`cannot connect to ${url}: ${message}`, { cause });
  }
}

/** Finishes the handshake of an upgrade request, or answers it with an error. */
export type Upgrade = (
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  accept: (socket: NodeSocket) => void,
) => void;

/** The accepting half: what an HTTP server does with its upgrade requests. */
export function upgrader(maxPayload: number, clock: Clock): Upgrade {
  const server = new WebSocketServer({
    ...receiveLimits(maxPayload),
    perMessageDeflate: false,
    noServer: true,
    clientTracking: false,
    WebSocket: OwnedWebSocket,
  });
  return (request, stream, head, accept) => {
    server.handleUpgrade(request, stream, head, (ws) => {
      ws.pause();
      accept(new NodeSocket(ws, clock, request.socket));
    });
  };
}
