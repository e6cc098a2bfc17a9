import { connect as plainConnect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import {
  abortedError,
  type Clock,
  ConnectionError,
  type HostPort,
  linkSignals,
  NetworkTimeoutError,
  onAbort,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import { type Endpoint, formatAddress } from "./address.ts";
import { mostTelling } from "./attempt-errors.ts";
import { raceAttempts } from "./happy-eyeballs.ts";
import { HostAddresses } from "./host-addresses.ts";
import { type HostAddress, type Lookup, literalAddress, lookupError } from "./lookup.ts";
import type { TLSClientOptions } from "./tls.ts";

export interface OpenSocketOptions {
  readonly endpoint: Endpoint;
  /** For finding the address, TCP and TLS together, in ms. */
  readonly timeout: number;
  readonly tls?: TLSClientOptions | undefined;
  readonly noDelay: boolean;
  /** Silence in ms before TCP probes; undefined leaves them off. */
  readonly keepAlive?: number | undefined;
  readonly allowHalfOpen?: boolean | undefined;
  readonly lookup?: Lookup | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects, or rejects and leaves nothing open. A name with several addresses is tried as RFC 8305 says.
 *
 * @throws ConnectionError, NetworkTimeoutError (`connect`), AbortedError.
 */
export async function openSocket(options: OpenSocketOptions): Promise<Socket> {
  const { signal, clock, timeout, tls, endpoint } = options;
  throwIfAborted(signal);
  using limited = linkSignals([signal]);
  using _timer = clock.setTimeout(() => limited.abort(TOO_LATE), timeout);
  try {
    const socket = await openPlain(options, limited.signal);
    return tls ? await secure(socket, tls, options, limited.signal) : socket;
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal);
    if (limited.signal.aborted) throw tooLate(options);
    throw toNetworkError(error, { doing: "connect to", address: formatAddress(endpoint) });
  }
}

/** Why the attempt was given up; the caller is told in better words. */
const TOO_LATE: Error = new Error("the time to connect is over");

async function openPlain(options: OpenSocketOptions, signal: AbortSignal): Promise<Socket> {
  const { endpoint } = options;
  if ("path" in endpoint || literalAddress(endpoint.host)) {
    return await attempt(endpoint, options, signal);
  }
  return await openNamed(endpoint, options, signal);
}

async function openNamed(
  { host, port }: HostPort,
  options: OpenSocketOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const { lookup, clock } = options;
  using found = new HostAddresses(host, { lookup, clock });
  const connectTo = ({ address }: HostAddress, raced: AbortSignal): Promise<Socket> =>
    attempt({ host: address, port }, options, raced);
  const discard = (socket: Socket): void => void socket.destroy();
  try {
    return await raceAttempts(found, connectTo, { clock, signal, discard });
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    throw error.errors.length > 0 ? mostTelling(error.errors) : notResolved(host, found.errors);
  }
}

/** One attempt at one address. */
async function attempt(
  endpoint: Endpoint,
  { noDelay, keepAlive, allowHalfOpen = false }: OpenSocketOptions,
  signal: AbortSignal,
): Promise<Socket> {
  throwIfAborted(signal);
  const socket = plainConnect({ ...endpoint, allowHalfOpen, autoSelectFamily: false });
  socket.setNoDelay(noDelay);
  if (keepAlive !== undefined) socket.setKeepAlive(true, keepAlive);
  await untilOpen(socket, "connect", signal);
  if (!("path" in endpoint) && isConnectedToItself(socket)) {
    socket.destroy();
    throw nobodyElse(endpoint);
  }
  return socket;
}

/** TLS over an open socket. The name is checked against the certificate, and sent unless it is an address. */
async function secure(
  socket: Socket,
  tls: TLSClientOptions,
  { endpoint }: OpenSocketOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const host = "path" in endpoint ? "localhost" : endpoint.host;
  const servername = literalAddress(host) ? {} : { servername: host };
  const secured = tlsConnect({ host, ...servername, ...tls, socket });
  // A socket that dies below is told by the one above.
  socket.on("error", () => {});
  await untilOpen(secured, "secureConnect", signal);
  return secured;
}

async function untilOpen(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<void> {
  const opened = Promise.withResolvers<void>();
  socket.on("error", opened.reject);
  socket.once("close", () => opened.reject(endedEarly()));
  socket.once(event, opened.resolve);
  using _abort = onAbort(signal, () => opened.reject(abortedError(signal)));
  try {
    await opened.promise;
    socket.off("error", opened.reject);
  } catch (error) {
    // The listener stays on: what a dying socket still has to say interests nobody.
    socket.destroy();
    throw error;
  }
}

/**
 * A connection attempt to a free local port can, when the system picks that very port as its source, meet
 * itself (RFC 9293 §3.5, simultaneous open): open, though nobody listens.
 */
export function isConnectedToItself(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}

function nobodyElse(target: Endpoint): ConnectionError {
  return new ConnectionError(
    `cannot connect to ${formatAddress(target)}: the attempt met itself, so nobody listens there`,
    { code: "CONNECTION_REFUSED" },
  );
}

function notResolved(host: string, errors: readonly unknown[]): Error {
  if (errors.length > 0) return lookupError(host, mostTelling(errors));
  return new ConnectionError(`${host} has no address`, {
    code: "NAME_NOT_FOUND",
    phase: "resolve",
  });
}

function endedEarly(): ConnectionError {
  return new ConnectionError("the connection was lost before it was open", {
    code: "CONNECTION_LOST",
  });
}

function tooLate({ timeout, endpoint }: OpenSocketOptions): NetworkTimeoutError {
  return new NetworkTimeoutError(
    `cannot connect to ${formatAddress(endpoint)}: no answer within ${timeout} ms`,
    { kind: "connect", timeoutMs: timeout },
  );
}
