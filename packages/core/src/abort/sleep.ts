import { type Clock, systemClock } from "../clock.ts";
import { abortedError, onAbort, throwIfAborted } from "./aborted.ts";

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** Resolves after `ms` milliseconds. @throws AbortedError as soon as the signal aborts. */
export async function sleep(
  ms: number,
  { signal, clock = systemClock }: SleepOptions = {},
): Promise<void> {
  throwIfAborted(signal);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _timer = clock.setTimeout(resolve, ms);
  using _listener = onAbort(signal, () => signal && reject(abortedError(signal)));
  await promise;
}
