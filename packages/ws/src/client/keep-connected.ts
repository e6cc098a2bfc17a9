import {
  ClosedError,
  ConnectionError,
  type NetworkError,
  type RetryEvent,
  sleep,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import type { PlatformSocket, SocketEnd } from "../socket/socket.ts";
import { attemptToOpen } from "./attempt.ts";
import type { Settings, URLSource } from "./options.ts";
import { type Failure, isRetryable, isTerminalCloseCode } from "./reconnect-policy.ts";
import { RetryPace } from "./retry-pace.ts";

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
  url: URLSource,
  settings: Settings,
  steps: ConnectionSteps,
  signal: AbortSignal,
): Promise<Failure> {
  const { clock, shouldRetry } = settings;
  const pace = new RetryPace(settings);
  let wasOpen = false;
  let error: NetworkError | undefined;

  const connectOnce = async (): Promise<Failure> => {
    try {
      const attempt = { url, settings, attempt: pace.attempt, error };
      const socket = await attemptToOpen(attempt, signal);
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
    const attempt = pace.failed();
    if (!shouldRetry({ attempt, ...failure, retry: isRetryable(failure, wasOpen) })) return failure;
    const delayMs = pace.delayMs(error);
    steps.waiting({ attempt, delayMs, error });
    await sleep(delayMs, { signal, clock });
  }
}

/** An open connection that ended, as an error. */
function failureOf({ code, reason, error }: SocketEnd): Failure {
  return { closeCode: code, error: error ?? closeError(code, reason) };
}

function closeError(code: number, reason: string): NetworkError {
  const details = { closeCode: code, closeReason: reason };
  const why = reason === "" ? "" : `: ${reason}`;
  if (isTerminalCloseCode(code)) {
    return new ClosedError(`the server closed the connection for good (${code})${why}`, {
      details,
    });
  }
  const message = `the connection was lost (${code})${why}`;
  return new ConnectionError(message, { code: "CONNECTION_LOST", phase: "open", details });
}
