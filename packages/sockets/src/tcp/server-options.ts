import type { Clock, Logger } from "@net/core";
import type { Framing } from "../framing/framing.ts";
import { hostName, localPort } from "../validate.ts";
import { type Endpoint, socketPath } from "./address.ts";
import type { TLSServerOptions } from "./tls.ts";

export interface TCPServerOptions {
  /** Default 0: the system chooses a free one, and {@link TCPServer.port} tells which. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string | undefined;
  /** Listens at a Unix socket or pipe instead of a host and port. Its file goes when the server closes. */
  readonly path?: string | undefined;
  /** How messages lie in the stream. Default `raw()`. */
  readonly framing?: Framing | undefined;
  /** Encrypt, showing this certificate. */
  readonly tls?: TLSServerOptions | undefined;
  /** More are refused. Default 1024. */
  readonly maxConnections?: number | undefined;
  /** Ends a connection after this much silence in both directions, in ms. Default none. */
  readonly idleTimeout?: number | undefined;
  /** Bytes that may wait per connection and direction. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** Let TCP probe silent connections, after this many ms; true is 60,000. Default off. */
  readonly keepAlive?: boolean | number | undefined;
  /**
   * Whether the handler may go on sending when the client has ended its side. Default false: then the connection ends
   * too. With true it ends when the handler returns.
   */
  readonly allowHalfOpen?: boolean | undefined;
  /** Ends the server and its connections when it aborts. */
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

const DEFAULT_HOST = "127.0.0.1";

/** Where a server is to listen. @throws ValidationError */
export function listeningEndpoint({
  path,
  host = DEFAULT_HOST,
  port = 0,
}: TCPServerOptions): Endpoint {
  if (path !== undefined) return { path: socketPath(path) };
  return { host: hostName(host), port: localPort(port) };
}
