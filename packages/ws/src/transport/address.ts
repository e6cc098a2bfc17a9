import { isIPv6 } from "node:net";
import { ValidationError } from "@net/core";

export interface WebSocketAddress {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
}

const grammar =
  /^(?<scheme>wss?):\/\/(?:\[(?<v6>[^\]]+)\]|(?<name>[\w.-]{1,253}))(?::(?<port>\d{1,5}))?(?<path>\/[\w.~!$&'()*+,;=:@%/-]*)?$/;
const MAX_PORT = 65_535;

/**
 * Takes `ws://host:port/path` apart; an IPv6 host stands in brackets, the port defaults to 80, with `wss` to 443, and
 * no path is the path `/`.
 *
 * @throws ValidationError
 */
export function parseAddress(address: string): WebSocketAddress {
  const { scheme, v6, name, port, path = "/" } = grammar.exec(address)?.groups ?? {};
  const host = v6 !== undefined && isIPv6(v6) ? v6 : name;
  const isSecure = scheme === "wss";
  const number = Number(port ?? (isSecure ? 443 : 80));
  if (host === undefined || number > MAX_PORT) {
    throw new ValidationError(
      `"${address}" is no WebSocket address; one looks like ws://host:7000/path or wss://[::1]:7000`,
    );
  }
  return { isSecure, host, port: number, path };
}

/** Puts an address together. IPv4 addresses that came through an IPv6 socket look like IPv4 again. */
export function formatAddress({ isSecure, host, port, path }: WebSocketAddress): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, "");
  return `${isSecure ? "wss" : "ws"}://${isIPv6(plain) ? `[${plain}]` : plain}:${port}${path}`;
}
