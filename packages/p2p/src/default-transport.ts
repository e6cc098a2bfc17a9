import { formatHostPort, type Transport } from "@net/core";
import { webSocketTransport } from "@net/ws/transport";

/** What peers talk over unless they are told otherwise: the one place that knows. */
export function defaultTransport(): Transport {
  return webSocketTransport();
}

/** The address at which the default transport listens. */
export function defaultAddress(host: string, port: number): string {
  return `ws://${formatHostPort({ host, port })}`;
}
