import {
  abortable,
  DEFAULT_MAX_FRAME_BYTES,
  type DialOptions,
  type Link,
  linkSignals,
  NetworkTimeoutError,
  systemClock,
  throwIfAborted,
} from "@net/core";
import { openSocket } from "#socket";
import { awaitOpen } from "../socket/await-open.ts";
import { parseAddress } from "./address.ts";
import { WebSocketLink } from "./link.ts";
import { DEFAULT_HANDSHAKE_TIMEOUT, type WebSocketTransportOptions } from "./options.ts";

/** @throws ValidationError, ConnectionError, NetworkTimeoutError (`handshake`), AuthenticationError, AbortedError, … */
export async function dial(
  address: string,
  options: WebSocketTransportOptions,
  { signal }: DialOptions = {},
): Promise<Link> {
  parseAddress(address);
  throwIfAborted(signal);
  const { clock = systemClock, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT } = options;
  using linked = linkSignals([signal]);
  let late: NetworkTimeoutError | undefined;
  using _timer = clock.setTimeout(() => {
    late = tooLate(address, handshakeTimeout);
    linked.abort(late);
  }, handshakeTimeout);
  try {
    return await open(address, options, linked.signal);
  } catch (error) {
    throw late ?? error;
  }
}

async function open(
  address: string,
  { headers, maxFrameBytes, highWaterMark, tls, clock = systemClock }: WebSocketTransportOptions,
  signal: AbortSignal,
): Promise<Link> {
  const fields = typeof headers === "function" ? await abortable(ask(headers), signal) : headers;
  const socket = openSocket(address, {
    protocols: [],
    headers: fields,
    maxPayload: maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    tls,
    unmasked: true,
    clock,
  });
  await awaitOpen(socket, address, signal);
  const { security } = socket;
  const link = { remoteAddress: address, security, maxFrameBytes, highWaterMark, clock };
  return new WebSocketLink(socket, link);
}

/** A function that throws rejects. */
async function ask<T>(source: () => T | PromiseLike<T>): Promise<T> {
  return source();
}

function tooLate(address: string, timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`cannot dial ${address}: no handshake within ${timeoutMs} ms`, {
    kind: "handshake",
    timeoutMs,
  });
}
