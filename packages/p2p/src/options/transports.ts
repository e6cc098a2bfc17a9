import { type Clock, type Rng, type Transport, ValidationError } from "@net/core";
import { type SecureWebSockets, webSockets } from "../default-transport.ts";
import { invalid } from "../names.ts";
import { combineTransports } from "./combined-transport.ts";
import type { PeerLimits } from "./limits.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";

/** What links are made of, and how a host and port are written for it. */
export interface TransportSettings {
  readonly transport: Transport;
  /** Of the addresses that have a host and a port. */
  readonly scheme: string;
}

export interface TransportsContext {
  readonly secure: SecureWebSockets | undefined;
  readonly limits: PeerLimits;
  readonly maxPeers: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** @throws ValidationError */
export function readTransports(
  { transport, transports, enableTLS = false }: PeerNetworkOptions,
  context: TransportsContext,
): TransportSettings {
  if (transport && transports) throw invalid("transport", "left out where there are transports");
  const given = transports ?? (transport ? [transport] : []);
  if (transports && transports.length === 0) throw invalid("transports", "at least one");
  const knowsTLS = given.some(({ schemes }) => schemes.includes("wss"));
  const needsOurs = given.length === 0 || (enableTLS && !knowsTLS);
  const all = needsOurs ? [...given, webSockets(context)] : given;
  return { transport: combineTransports(all), scheme: schemeOf(all, enableTLS) };
}

/** What `host` and `port` are for: TLS if it is asked for, else WebSockets, else whatever comes first. */
function schemeOf(transports: readonly Transport[], enableTLS: boolean): string {
  const schemes = transports.flatMap((transport) => transport.schemes);
  const wanted = enableTLS ? "wss" : "ws";
  const scheme = schemes.includes(wanted) ? wanted : schemes[0];
  if (scheme !== undefined) return scheme;
  throw new ValidationError("a transport must name the schemes of its addresses");
}
