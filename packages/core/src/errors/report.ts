/**
 * Reports what a listener threw as an uncaught exception, as `EventTarget` does: the caller's mistake is not
 * swallowed, and does not stop us in the middle of something.
 */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
