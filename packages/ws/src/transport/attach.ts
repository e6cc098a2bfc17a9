import type { Server } from "node:http";
import { Server as TLSServer } from "node:tls";
import { type Link, type Listener, NetworkError } from "@net/core";
import { formatAddress, parseAddress } from "./address.ts";
import { linkHandshakes } from "./handshakes.ts";
import type { WebSocketTransportOptions } from "./options.ts";
import { UpgradeRouter } from "./upgrade-router.ts";

/** @throws ValidationError, ConnectionError `ADDRESS_IN_USE` if a listener of ours has the path. */
export function attach(
  server: Server,
  path: string,
  accept: (link: Link) => void,
  options: WebSocketTransportOptions,
): Listener {
  const isSecure = server instanceof TLSServer;
  const { path: checked } = parseAddress(`ws://host:1${path}`);
  const detach = UpgradeRouter.of(server).add(checked, linkHandshakes(accept, options));
  const close = async (): Promise<void> => detach();
  return {
    get address() {
      return formatAddress({ isSecure, ...whereOf(server), path: checked });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function whereOf(server: Server): { host: string; port: number } {
  const where = server.address();
  if (where && typeof where === "object") return { host: where.address, port: where.port };
  throw new NetworkError(
    "INVALID_STATE",
    "the HTTP server has no host and port: it does not listen yet",
  );
}
