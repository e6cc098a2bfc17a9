import { isIPv6 } from "node:net";
import { ValidationError } from "@net/core";

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const grammar = /^tcp:\/\/(?:\[(?<v6>[^\]]+)\]|(?<name>[\w.-]{1,253})):(?<port>\d{1,5})$/;
const MAX_PORT = 65_535;

/** Takes `tcp://host:port` apart; an IPv6 host stands in brackets. @throws ValidationError */
export function parseAddress(address: string): HostAndPort {
  const { v6, name, port } = grammar.exec(address)?.groups ?? {};
  const host = v6 !== undefined && isIPv6(v6) ? v6 : name;
  if (host === undefined || Number(port) > MAX_PORT) {
    throw new ValidationError(
      `"${address}" is no TCP address; one looks like tcp://host:7000 or tcp://[::1]:7000`,
    );
  }
  return { host, port: Number(port) };
}

/** Puts `tcp://host:port` together. IPv4 addresses that came through an IPv6 socket look like IPv4 again. */
export function formatAddress({ host, port }: HostAndPort): string {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, "");
  return `tcp://${isIPv6(plain) ? `[${plain}]` : plain}:${port}`;
}
