import {
  acceptLink,
  DEFAULT_MAX_FRAME_BYTES,
  type Link,
  type Rng,
  systemClock,
  systemRng,
} from "@net/core";
import { observeLink } from "@net/core/diagnostics";
import { upgrader } from "../socket/node.ts";
import type { NodeSocket } from "../socket/node-socket.ts";
import { formatAddress } from "./address.ts";
import { ConnectionLimit } from "./connection-limit.ts";
import { WebSocketLink } from "./link.ts";
import { DEFAULT_MAX_CONNECTIONS, type WebSocketTransportOptions } from "./options.ts";
import { refuseUpgrade, type UpgradeHandler } from "./upgrade-router.ts";

/** Those who are turned away come back at different moments within this many seconds. */
const MAX_RETRY_AFTER_S = 10;

/**
 * Makes links of the handshakes at one path: from programs and the web pages named, up to the limits.
 *
 * @throws ValidationError if a limit is out of range.
 */
export function linkHandshakes(
  accept: (link: Link) => void,
  options: WebSocketTransportOptions,
): UpgradeHandler {
  const { maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, clock = systemClock, origins = [] } = options;
  const { rng = systemRng } = options;
  const limit = new ConnectionLimit({
    maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? Number.POSITIVE_INFINITY,
  });
  const upgrade = upgrader(maxFrameBytes, clock);
  return (request, stream, head) => {
    const { origin } = request.headers;
    if (origin !== undefined && !origins.includes(origin)) refuseUpgrade(stream, 403);
    else if (!limit.tryTake(request.socket)) refuseUpgrade(stream, 503, [retryAfter(rng)]);
    else upgrade(request, stream, head, (socket) => hand(socket, accept, options));
  };
}

function hand(
  socket: NodeSocket,
  accept: (link: Link) => void,
  { maxFrameBytes, highWaterMark, clock }: WebSocketTransportOptions,
): void {
  const { remoteAddress: host = "unknown", remotePort: port = 0 } = socket.stream ?? {};
  const { security } = socket;
  const isSecure = security.encrypted;
  const link = new WebSocketLink(socket, {
    remoteAddress: formatAddress({ isSecure, host, port, path: "/" }),
    security,
    maxFrameBytes,
    highWaterMark,
    clock,
  });
  observeLink(isSecure ? "wss" : "ws", link, "accepted");
  acceptLink(accept, link);
}

function retryAfter(rng: Rng): string {
  return `retry-after: ${1 + Math.floor(rng.next() * MAX_RETRY_AFTER_S)}`;
}
