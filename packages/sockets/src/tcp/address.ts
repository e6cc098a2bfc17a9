import { isIPv6 } from "node:net";
import { ValidationError } from "@net/core";
import { targetPort } from "../validate.ts";

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** A Unix socket's file, or a Windows pipe (`\\.\pipe\name`). */
export interface SocketPath {
  readonly path: string;
}

/** Where a connection leads. */
export type Endpoint = HostAndPort | SocketPath;

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

/** Puts `tcp://host:port` or `unix:path` together. IPv4 addresses that came through an IPv6 socket look like IPv4 again. */
export function formatAddress(endpoint: Endpoint): string {
  if ("path" in endpoint) return `unix:${endpoint.path}`;
  const host = withoutMapping(endpoint.host);
  return `tcp://${isIPv6(host) ? `[${host}]` : host}:${endpoint.port}`;
}

/** `::ffff:10.0.0.1` is `10.0.0.1`. */
export function withoutMapping(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/i, "");
}

/** The endpoint, if it can be connected to. @throws ValidationError */
export function targetEndpoint(endpoint: Endpoint): Endpoint {
  if ("path" in endpoint) return { path: socketPath(endpoint.path) };
  return { host: endpoint.host, port: targetPort(endpoint.port) };
}

/** The path, if it can be one. @throws ValidationError */
export function socketPath(path: string): string {
  if (path !== "") return path;
  throw new ValidationError("the path of a Unix socket or pipe must not be empty");
}
