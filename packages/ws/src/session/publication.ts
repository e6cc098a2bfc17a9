import type { NewMessage } from "./store/store.ts";

/** One call: it is settled when the store has the message, or when the other end has. */
export interface Publication {
  readonly message: NewMessage;
  readonly settled: PromiseWithResolvers<void>;
  readonly signal: AbortSignal | undefined;
  readonly isAwaited: boolean;
  /** Another call that waits for the same message. */
  next: Publication | undefined;
}

/** A chain of publications without that one. */
export function without(
  first: Publication | undefined,
  gone: Publication,
): Publication | undefined {
  if (first === gone) return gone.next;
  for (let each = first; each; each = each.next) {
    if (each.next === gone) each.next = gone.next;
  }
  return first;
}
