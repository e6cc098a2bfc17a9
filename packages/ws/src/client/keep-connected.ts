import {
  type NetworkError,
  type RetryEvent,
  RetryPace,
  sleep,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import type { PlatformSocket, SocketEnd } from "../socket/socket.ts";
import { attemptToOpen } from "./attempt.ts";
import { failureOf } from "./failure.ts";
import { type Failure, isRetryable, isSudden, isUnauthorized } from "./reconnect-policy.ts";
import type { Settings } from "./settings.ts";

/** What the client does at each step. */
export interface ConnectionSteps {
  connecting(): void;
  /** Uses an open socket; resolves when it has ended. */
  serve(socket: PlatformSocket): Promise<SocketEnd>;
  waiting(event: RetryEvent): void;
}

/**
 * Connects, and connects again, until trying makes no more sense.
 *
 * @returns the failure after which it gave up.
 * @throws AbortedError when the signal aborts.
 */
export async function keepConnected(
  settings: Settings,
  steps: ConnectionSteps,
  signal: AbortSignal,
): Promise<Failure> {
  const { clock, shouldRetry, spread } = settings;
  const pace = new RetryPace(settings);
  const refresh = refreshOnce(settings);
  let wasOpen = false;
  let error: NetworkError | undefined;

  const connectOnce = async (): Promise<Failure> => {
    try {
      const socket = await attemptToOpen({ settings, attempt: pace.attempt, error }, signal);
      if (signal.aborted) socket.terminate();
      throwIfAborted(signal);
      wasOpen = true;
      pace.opened();
      return failureOf(await steps.serve(socket));
    } catch (cause) {
      return { error: toNetworkError(cause) };
    }
  };

  for (;;) {
    steps.connecting();
    const failure = await connectOnce();
    throwIfAborted(signal);
    error = failure.error;
    const attempt = pace.failed(isSudden(failure) ? spread : 0);
    const isRefreshed = refresh(failure);
    const retry = isRefreshed || isRetryable(failure, wasOpen);
    if (!shouldRetry({ attempt, ...failure, retry })) return failure;
    const delayMs = isRefreshed ? 0 : pace.delayMs(error);
    steps.waiting({ attempt, delayMs, error });
    await sleep(delayMs, { signal, clock });
  }
}

/**
 * Says of each failure in turn whether to come back at once with fresh credentials: after a 401 (RFC 9110 §15.5.2)
 * where a function makes them, but not after a second one in a row.
 */
function refreshOnce({ url, headers }: Settings): (failure: Failure) => boolean {
  const isFresh = typeof url === "function" || typeof headers === "function";
  let wasRefused = false;
  return (failure) => {
    const isFirst = isUnauthorized(failure) && !wasRefused;
    wasRefused = isUnauthorized(failure);
    return isFresh && isFirst;
  };
}
