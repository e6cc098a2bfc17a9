import { formatHostPort, type HostPort, parseHostPort, ValidationError } from "@net/core";
import { hostName, targetPort } from "../validate.ts";

/** A Unix socket's file, or a Windows pipe (`\\.\pipe\name`). */
export interface SocketPath {
  readonly path: string;
}

/** Where a connection leads. */
export type Endpoint = HostPort | SocketPath;

const SCHEME = "tcp://";

/** Takes `tcp://host:port` apart; an IPv6 host stands in brackets. @throws ValidationError */
export function parseAddress(address: string): HostPort {
  const where = address.startsWith(SCHEME) && parseHostPort(address.slice(SCHEME.length));
  if (where) return where;
  throw new ValidationError(
    `"${address}" is no TCP address; one looks like tcp://host:7000 or tcp://[::1]:7000`,
  );
}

/** Puts `tcp://host:port` or `unix:path` together. */
export function formatAddress(endpoint: Endpoint): string {
  return "path" in endpoint ? `unix:${endpoint.path}` : `${SCHEME}${formatHostPort(endpoint)}`;
}

/** One end of an open connection, as far as it is known. @param path if it is a Unix socket or pipe. */
export function connectedAddress(
  path: SocketPath | undefined,
  host: string | undefined,
  port: number | undefined,
): string {
  return formatAddress(path ?? { host: host ?? "unknown", port: port ?? 0 });
}

/** The endpoint, if it can be connected to. @throws ValidationError */
export function targetEndpoint(endpoint: Endpoint): Endpoint {
  if ("path" in endpoint) return { path: socketPath(endpoint.path) };
  return { host: hostName(endpoint.host), port: targetPort(endpoint.port) };
}

/** The path, if it can be one. @throws ValidationError */
export function socketPath(path: string): string {
  if (typeof path === "string" && path !== "") return path;
  throw new ValidationError("the path of a Unix socket or pipe must be a text that is not empty");
}
