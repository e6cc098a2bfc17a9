import {
  abortable,
  linkSignals,
  type NetworkError,
  NetworkTimeoutError,
  toNetworkError,
} from "@net/core";
import { openSocket } from "#socket";
import { awaitOpen } from "../socket/await-open.ts";
import type { PlatformSocket } from "../socket/socket.ts";
import type { AttemptContext } from "./options.ts";
import type { Settings } from "./settings.ts";
import { webSocketURL } from "./url.ts";

/** What one attempt is made of. */
export interface AttemptOptions {
  readonly settings: Settings;
  /** 1 for the first. */
  readonly attempt: number;
  /** Why the one before failed. */
  readonly error: NetworkError | undefined;
}

/**
 * One attempt to connect: a fresh URL, fresh headers, the handshake; all within the connect time-out. Leaves
 * nothing open when it fails.
 *
 * @throws NetworkError of any kind.
 */
export async function attemptToOpen(
  { settings, attempt, error }: AttemptOptions,
  signal: AbortSignal,
): Promise<PlatformSocket> {
  const { clock, connectTimeout } = settings;
  using linked = linkSignals([signal]);
  let late: NetworkTimeoutError | undefined;
  using _timer = clock.setTimeout(() => {
    late = tooLate(connectTimeout);
    linked.abort(late);
  }, connectTimeout);
  const context = { attempt, signal: linked.signal, ...(error && { error }) };
  try {
    return await open(settings, context);
  } catch (cause) {
    throw late ?? toNetworkError(cause);
  }
}

async function open(settings: Settings, context: AttemptContext): Promise<PlatformSocket> {
  const target = webSocketURL(await ask(settings.url, context));
  const headers = await ask(settings.headers, context);
  const { protocols, maxPayload, compression, tls, proxy, clock } = settings;
  const options = { protocols, headers, maxPayload, compression, tls, proxy, clock };
  const socket = openSocket(target, options);
  await awaitOpen(socket, target, context.signal);
  return socket;
}

/** What the caller gave, or what his function says this time. */
async function ask<T>(
  source: T | ((context: AttemptContext) => T | PromiseLike<T>),
  context: AttemptContext,
): Promise<T> {
  if (typeof source !== "function") return source;
  const answer = (async () => (source as (context: AttemptContext) => T)(context))();
  return await abortable(answer, context.signal);
}

function tooLate(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`no connection within ${timeoutMs} ms`, {
    kind: "connect",
    timeoutMs,
  });
}
