import { AbortedError, NetworkTimeoutError } from "../errors/kinds.ts";
import type { NetworkError } from "../errors/network-error.ts";

/**
 * The error a call rejects with once `signal` aborted: an `AbortedError` whose cause is the signal's reason;
 * or, where a {@link deadline} made the signal abort, that deadline's `NetworkTimeoutError`.
 */
export function abortedError(signal: AbortSignal): NetworkError {
  const reason: unknown = signal.reason;
  if (NetworkTimeoutError.is(reason, "DEADLINE_EXCEEDED")) return reason;
  return new AbortedError(undefined, { cause: reason });
}

/** Throws {@link abortedError} if the signal has aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal);
}

/** Calls back once when the signal aborts, at once if it has; the result takes the listener away again. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): Disposable {
  if (signal?.aborted) callback();
  else signal?.addEventListener("abort", callback, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", callback) };
}

/**
 * The promise's result, or a rejection with {@link abortedError} as soon as the signal aborts. The promise's
 * own later rejection is swallowed then: whoever aborted is no longer interested.
 */
export async function abortable<T>(promise: PromiseLike<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) Promise.resolve(promise).catch(() => {});
  throwIfAborted(signal);
  const { promise: first, resolve, reject } = Promise.withResolvers<T>();
  using _listener = onAbort(signal, () => reject(abortedError(signal)));
  Promise.resolve(promise).then(resolve, reject);
  return await first;
}
