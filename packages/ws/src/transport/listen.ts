import { type Link, type Listener, type ListenOptions, startListening } from "@net/core";
import { formatAddress, parseAddress } from "./address.ts";
import { handshakeServer } from "./handshake-server.ts";
import { linkHandshakes } from "./handshakes.ts";
import type { WebSocketTransportOptions } from "./options.ts";
import { UpgradeRouter } from "./upgrade-router.ts";

/** @throws ValidationError, ConnectionError `ADDRESS_IN_USE` or `ADDRESS_UNAVAILABLE`, AbortedError. */
export async function listen(
  address: string,
  accept: (link: Link) => void,
  options: WebSocketTransportOptions,
  { signal }: ListenOptions = {},
): Promise<Listener> {
  const where = parseAddress(address);
  const server = handshakeServer(where.isSecure, options);
  UpgradeRouter.of(server).add(where.path, linkHandshakes(accept, options));
  const port = await startListening(
    server,
    { host: where.host, port: where.port },
    { address: formatAddress(where), signal },
  );
  // For instance out of file handles: that connection is lost, the listener is not.
  server.on("error", () => {});
  const close = async (): Promise<void> => {
    server.close();
    // Those still in their handshake; open links are no longer the server's.
    server.closeAllConnections();
  };
  return { address: formatAddress({ ...where, port }), close, [Symbol.asyncDispose]: close };
}
