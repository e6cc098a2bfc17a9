import type { Clock, Rng, Transport } from "@net/core";
import { type TransportTLSOptions, webSocketTransport } from "@net/ws/transport";
import type { PeerLimits } from "./options/limits.ts";
import { addressOf } from "./options/listen-address.ts";

/**
 * How much may stand in the buffer of a socket, in bytes: four batches of what is in bulk leave in one system call then. On slow
 * lines far less does, as the receiver's credit is less.
 */
const HIGH_WATER_MARK: number = 256 * 1024;

/** The WebSocket's own handshake gets as long as the peers' does, and at least what it gets by default, in ms. */
const MIN_HANDSHAKE_TIMEOUT = 10_000;

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
  limits: { maxFrameBytes, maxPendingHandshakes, handshakeTimeout },
  maxPeers,
  ...others
}: WebSocketsOptions): Transport {
  const maxConnections = maxPeers + maxPendingHandshakes;
  const transport = (tls?: TransportTLSOptions): Required<Transport> =>
    webSocketTransport({
      ...others,
      maxFrameBytes,
      maxConnections,
      tls,
      highWaterMark: HIGH_WATER_MARK,
      // Ours, which begins later, includes it.
      handshakeTimeout: Math.max(handshakeTimeout, MIN_HANDSHAKE_TIMEOUT),
    });
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
