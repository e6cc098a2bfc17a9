import type { Rng } from "@net/core";
import type { TCPConnectionOptions } from "./connection-options.ts";
import type { Lookup } from "./lookup.ts";
import type { ReconnectOptions } from "./reconnect.ts";
import type { TLSClientOptions } from "./tls.ts";

export interface TCPClientOptions extends TCPConnectionOptions {
  /** How long one attempt may take, name and TLS included, in ms. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Encrypt: true checks the server's certificate against the system's authorities; an object says more. */
  readonly tls?: boolean | TLSClientOptions | undefined;
  /** Comes back when the connection is lost. Default false. */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
  /** Send at once instead of waiting for more to send (Nagle's algorithm). Default true. */
  readonly noDelay?: boolean | undefined;
  /** Let TCP probe a silent connection, after this many ms; true is 60,000. Default off. */
  readonly keepAlive?: boolean | number | undefined;
  /**
   * Whether sending may go on when the server has ended its side. Default false: then the connection ends too. With
   * true it must be closed here. Not together with `reconnect`.
   */
  readonly allowHalfOpen?: boolean | undefined;
  /** Finds the addresses of a host name. Default: the system's way. */
  readonly lookup?: Lookup | undefined;
  /** For the delays of `reconnect`. */
  readonly rng?: Rng | undefined;
}
