import type { ServerOptions } from "node:https";
import type { Clock, Rng } from "@net/core";
import type { ClientTLSOptions } from "../socket/node-options.ts";

/**
 * Node's names and meanings. `key` and `cert` are what this side shows: needed to listen. `ca` is what it trusts in
 * the other's place of the system's authorities; `rejectUnauthorized: false` encrypts without knowing to whom, so
 * that somebody in between can read along unless a handshake above checks `security.channelBinding`.
 */
export type TransportTLSOptions = Pick<
  ServerOptions,
  "ca" | "cert" | "key" | "minVersion" | "passphrase" | "rejectUnauthorized" | "requestCert"
> &
  Pick<ClientTLSOptions, "servername">;

export interface WebSocketTransportOptions {
  /** HTTP headers of a dial's handshake. A function is asked for each. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | (() => Readonly<Record<string, string>> | PromiseLike<Readonly<Record<string, string>>>)
    | undefined;
  /** The largest frame, sent or received. Default 1 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** `send` says false while more bytes than this wait to leave. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** For `wss` addresses. */
  readonly tls?: TransportTLSOptions | undefined;
  /**
   * Web pages that may connect to a listener, by their `Origin` (RFC 6454): `https://example.net`. Default none, so
   * that no page a user visits reaches what listens on his machine. Programs send no origin, and may.
   */
  readonly origins?: readonly string[] | undefined;
  /** How long a handshake may take, dialled or accepted, in ms. Default 10,000. */
  readonly handshakeTimeout?: number | undefined;
  /** Links of one listener at one time; default 10,000. Others get 503 and a `Retry-After` of 1 to 10 s. */
  readonly maxConnections?: number | undefined;
  /** The same for those from one IP address; default no limit, since proxies and households share one. */
  readonly maxConnectionsPerAddress?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
}

export const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
export const DEFAULT_MAX_CONNECTIONS = 10_000;
