import { abortable } from "@net/core";

/**
 * What a caller's own code gives, now or later; a call that ends meanwhile does not wait for it. Rejects with the
 * signal's reason, as {@link abortable}.
 */
export function inTime<T>(given: T | PromiseLike<T>, signal: AbortSignal): T | Promise<T> {
  return isPromise(given) ? abortable(given, signal) : given;
}

function isPromise<T>(given: T | PromiseLike<T>): given is PromiseLike<T> {
  return typeof (given as Partial<PromiseLike<T>> | undefined)?.then === "function";
}
