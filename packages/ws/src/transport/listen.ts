import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  abortedError,
  acceptLink,
  DEFAULT_MAX_FRAME_BYTES,
  type Link,
  type Listener,
  type ListenOptions,
  onAbort,
  systemClock,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import { observeLink } from "@net/core/diagnostics";
import { type NodeSocket, upgrader } from "../socket/node.ts";
import { formatAddress, parseAddress, type WebSocketAddress } from "./address.ts";
import { WebSocketLink } from "./link.ts";
import { DEFAULT_HANDSHAKE_TIMEOUT, type WebSocketTransportOptions } from "./options.ts";
import { securityOf } from "./security.ts";
import { upgradeServer } from "./upgrade-server.ts";

/** @throws ValidationError, ConnectionError `ADDRESS_IN_USE` or `ADDRESS_UNAVAILABLE`, AbortedError. */
export async function listen(
  address: string,
  accept: (link: Link) => void,
  options: WebSocketTransportOptions,
  { signal }: ListenOptions = {},
): Promise<Listener> {
  const where = parseAddress(address);
  const { maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
  const server = upgradeServer({
    ...where,
    tls: options.tls,
    origins: options.origins ?? [],
    handshakeTimeout: options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT,
    upgrade: upgrader(maxFrameBytes, options.clock ?? systemClock),
    accept: (socket) => {
      const link = acceptedLink(socket, where, options);
      observeLink(where.isSecure ? "wss" : "ws", link, "accepted");
      acceptLink(accept, link);
    },
  });
  const port = await startListening(server, where, signal);
  // For instance out of file handles: that connection is lost, the listener is not.
  server.on("error", () => {});
  const close = async (): Promise<void> => {
    server.close();
    // Those still in their handshake; open links are no longer the server's.
    server.closeAllConnections();
  };
  return { address: formatAddress({ ...where, port }), close, [Symbol.asyncDispose]: close };
}

function acceptedLink(
  socket: NodeSocket,
  { isSecure }: WebSocketAddress,
  { maxFrameBytes, highWaterMark, clock }: WebSocketTransportOptions,
): Link {
  const { remoteAddress: host = "unknown", remotePort: port = 0 } = socket.stream ?? {};
  return new WebSocketLink(socket, {
    remoteAddress: formatAddress({ isSecure, host, port, path: "/" }),
    security: securityOf(socket.stream),
    maxFrameBytes,
    highWaterMark,
    clock,
  });
}

/** @returns the port, also when 0 was asked for. */
async function startListening(
  server: Server,
  where: WebSocketAddress,
  signal: AbortSignal | undefined,
): Promise<number> {
  throwIfAborted(signal);
  const listening = Promise.withResolvers<void>();
  server.once("listening", listening.resolve);
  server.once("error", listening.reject);
  using _listener = onAbort(signal, () => signal && listening.reject(abortedError(signal)));
  server.listen({ host: where.host, port: where.port });
  try {
    await listening.promise;
  } catch (error) {
    server.close();
    const address = formatAddress(where);
    throw toNetworkError(error, { doing: "listen at", address, phase: "listen" });
  } finally {
    server.off("listening", listening.resolve);
    server.off("error", listening.reject);
  }
  return (server.address() as AddressInfo).port;
}
