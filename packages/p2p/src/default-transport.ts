import type { Clock, Rng, Transport } from "@net/core";
import { type TransportTLSOptions, webSocketTransport } from "@net/ws/transport";
import type { PeerLimits } from "./options/limits.ts";
import { addressOf } from "./options/listen-address.ts";

/** What a TLS end needs: its key and certificate are made or read when the first link is. */
export type SecureWebSockets = () => Promise<TransportTLSOptions>;

export interface WebSocketsOptions {
  /** For `wss`. Undefined: it dials as any program does, and does not listen. */
  readonly secure: SecureWebSockets | undefined;
  readonly limits: PeerLimits;
  readonly maxPeers: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** What peers talk over unless they are told otherwise: the one place that knows. */
export function webSockets({
  secure,
  limits: { maxFrameBytes, maxPendingHandshakes },
  maxPeers,
  ...others
}: WebSocketsOptions): Transport {
  const maxConnections = maxPeers + maxPendingHandshakes;
  const transport = (tls?: TransportTLSOptions): Required<Transport> =>
    webSocketTransport({ ...others, maxFrameBytes, maxConnections, tls });
  return secure ? later(transport().schemes, async () => transport(await secure())) : transport();
}

/** The address of a host and port for the transport that is used by default. */
export function defaultAddress(host: string, port: number): string {
  return addressOf("ws", host, port);
}

/** A transport that is made when it is needed first; where that failed, when it is needed next. */
function later(schemes: readonly string[], make: () => Promise<Required<Transport>>): Transport {
  let made: Promise<Required<Transport>> | undefined;
  const get = (): Promise<Required<Transport>> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return {
    schemes,
    dial: async (address, options) => await (await get()).dial(address, options),
    listen: async (address, accept, options) =>
      await (await get()).listen(address, accept, options),
  };
}
