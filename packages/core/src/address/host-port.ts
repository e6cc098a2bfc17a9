import { isIPv6, withoutMapping } from "./ip.ts";

/** Where something listens. */
export interface HostPort {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface HostPortOptions {
  /** What an address without a port means. Default: it is none. */
  readonly defaultPort?: number | undefined;
}

const grammar = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[\w.-]{1,253}))(?::(?<port>\d{1,5}))?$/;
const MAX_PORT = 65_535;

/**
 * Takes `host:port` apart as it stands in a URL, an IPv6 host in brackets; undefined if it is none. Port 0, which asks
 * for a free one when listening, is a port.
 */
export function parseHostPort(
  text: string,
  { defaultPort }: HostPortOptions = {},
): HostPort | undefined {
  const { v6, name, port = defaultPort } = grammar.exec(text)?.groups ?? {};
  const host = v6 !== undefined && isIPv6(v6) ? v6 : name;
  if (host === undefined || port === undefined || Number(port) > MAX_PORT) return undefined;
  return { host, port: Number(port) };
}

/**
 * Puts `host:port` together as it stands in a URL: IPv6 in brackets. IPv4 addresses that came through an IPv6 socket
 * look like IPv4 again.
 */
export function formatHostPort({ host, port }: HostPort): string {
  const plain = withoutMapping(host);
  return `${isIPv6(plain) ? `[${plain}]` : plain}:${port}`;
}
