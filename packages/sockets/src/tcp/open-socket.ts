import { isIP, connect as plainConnect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import {
  abortedError,
  type Clock,
  ConnectionError,
  NetworkTimeoutError,
  onAbort,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import { formatAddress, type HostAndPort } from "./address.ts";
import type { TLSClientOptions } from "./tls.ts";

export interface OpenSocketOptions extends HostAndPort {
  /** For TCP and TLS together, in ms. */
  readonly timeout: number;
  readonly tls?: TLSClientOptions | undefined;
  readonly noDelay: boolean;
  /** Silence in ms before TCP probes; undefined leaves them off. */
  readonly keepAlive?: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects, or rejects and leaves nothing open.
 *
 * @throws ConnectionError, NetworkTimeoutError (`connect`), AbortedError.
 */
export async function openSocket(options: OpenSocketOptions): Promise<Socket> {
  const { signal, clock, timeout, tls } = options;
  throwIfAborted(signal);
  const socket = start(options);
  const opened = Promise.withResolvers<void>();
  socket.on("error", opened.reject);
  socket.once("connect", () => {
    if (isConnectedToItself(socket)) opened.reject(nobodyElse(options));
  });
  socket.once(tls ? "secureConnect" : "connect", opened.resolve);
  using _timer = clock.setTimeout(() => opened.reject(tooLate(options)), timeout);
  using _abort = onAbort(signal, () => signal && opened.reject(abortedError(signal)));
  try {
    await opened.promise;
    socket.off("error", opened.reject);
    return socket;
  } catch (error) {
    // The listener stays on: what a dying socket still has to say interests nobody.
    socket.destroy();
    throw toNetworkError(error, { doing: "connect to", address: formatAddress(options) });
  }
}

function start({ host, port, tls, noDelay, keepAlive }: OpenSocketOptions): Socket {
  const servername = isIP(host) ? {} : { servername: host };
  const socket = tls
    ? tlsConnect({ ...servername, ...tls, host, port })
    : plainConnect({ host, port });
  socket.setNoDelay(noDelay);
  if (keepAlive !== undefined) socket.setKeepAlive(true, keepAlive);
  return socket;
}

/**
 * A connection attempt to a free local port can, when the system picks that very port as its source, meet
 * itself (RFC 9293 §3.5, simultaneous open): open, though nobody listens.
 */
function isConnectedToItself(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}

function nobodyElse(target: HostAndPort): ConnectionError {
  return new ConnectionError(
    `cannot connect to ${formatAddress(target)}: the attempt met itself, so nobody listens there`,
    { code: "CONNECTION_REFUSED" },
  );
}

function tooLate({ timeout, ...target }: OpenSocketOptions): NetworkTimeoutError {
  return new NetworkTimeoutError(
    `cannot connect to ${formatAddress(target)}: no answer within ${timeout} ms`,
    { kind: "connect", timeoutMs: timeout },
  );
}
