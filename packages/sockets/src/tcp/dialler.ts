import { systemClock, throwIfAborted } from "@net/core";
import { positiveTime } from "../validate.ts";
import type { Endpoint } from "./address.ts";
import type { TCPClientOptions } from "./client-options.ts";
import { TCPConnection } from "./connection.ts";
import { connectionSettings } from "./connection-options.ts";
import { keepAliveDelay } from "./keep-alive.ts";
import { type OpenSocketOptions, openSocket } from "./open-socket.ts";

const DEFAULT_CONNECT_TIMEOUT = 10_000;

/** Opens a client's connections, one after the other. */
export class Dialler {
  readonly #options: TCPClientOptions;
  readonly #socket: Omit<OpenSocketOptions, "signal">;

  /** @throws ValidationError naming the option that is out of range: before anything is opened. */
  constructor(endpoint: Endpoint, options: TCPClientOptions) {
    const { tls, timeout = DEFAULT_CONNECT_TIMEOUT } = options;
    connectionSettings(options);
    this.#options = options;
    this.#socket = {
      endpoint,
      tls: tls === true ? {} : tls || undefined,
      noDelay: options.noDelay ?? true,
      keepAlive: keepAliveDelay(options.keepAlive),
      allowHalfOpen: options.allowHalfOpen,
      timeout: positiveTime("timeout", timeout),
      lookup: options.lookup,
      clock: options.clock ?? systemClock,
    };
  }

  /** @throws ConnectionError, NetworkTimeoutError (`connect`), AbortedError. */
  async dial(signal: AbortSignal): Promise<TCPConnection> {
    const { endpoint } = this.#socket;
    const socket = await openSocket({ ...this.#socket, signal });
    const path = "path" in endpoint ? endpoint : undefined;
    const connection = new TCPConnection(socket, this.#options, path);
    if (signal.aborted) connection.abort();
    throwIfAborted(signal);
    return connection;
  }
}
