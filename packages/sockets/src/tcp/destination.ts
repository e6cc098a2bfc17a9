import { type Endpoint, targetEndpoint } from "./address.ts";
import type { TCPClientOptions } from "./client-options.ts";

/** How a client is told where to connect: by host and port, or by an endpoint. */
export type Destination =
  | [host: string, port: number, options?: TCPClientOptions | undefined]
  | ToEndpoint;
type ToEndpoint = [endpoint: Endpoint, options?: TCPClientOptions | undefined];

/** @throws ValidationError if it cannot be connected to. */
export function destinationOf(to: Destination): [endpoint: Endpoint, options: TCPClientOptions] {
  if (!isEndpoint(to)) return [targetEndpoint({ host: to[0], port: to[1] }), to[2] ?? {}];
  return [targetEndpoint(to[0]), to[1] ?? {}];
}

function isEndpoint(to: Destination): to is ToEndpoint {
  // Only objects are what `Object` makes of them.
  return Object(to[0]) === to[0];
}
