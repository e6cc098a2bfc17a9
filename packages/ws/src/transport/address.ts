import { formatHostPort, parseHostPort, ValidationError } from "@net/core";

export interface WebSocketAddress {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
}

const grammar = /^(?<scheme>wss?):\/\/(?<authority>[^/]+)(?<path>\/[\w.~!$&'()*+,;=:@%/-]*)?$/;

/**
 * Takes `ws://host:port/path` apart; an IPv6 host stands in brackets, the port defaults to 80, with `wss` to 443, and
 * no path is the path `/`.
 *
 * @throws ValidationError
 */
export function parseAddress(address: string): WebSocketAddress {
  const { scheme, authority = "", path = "/" } = grammar.exec(address)?.groups ?? {};
  const isSecure = scheme === "wss";
  const where = parseHostPort(authority, { defaultPort: isSecure ? 443 : 80 });
  if (where) return { isSecure, ...where, path };
  throw new ValidationError(
    `"${address}" is no WebSocket address; one looks like ws://host:7000/path or wss://[::1]:7000`,
  );
}

/** Puts an address together. */
export function formatAddress({ isSecure, host, port, path }: WebSocketAddress): string {
  return `${isSecure ? "wss" : "ws"}://${formatHostPort({ host, port })}${path}`;
}
