import { NetworkError } from "@net/core";

/** A message of the other end that is here and not committed yet. */
export interface Item<Body> {
  readonly seq: number;
  readonly id: string;
  readonly epoch: string;
  body: Body;
  /** False if it was never offered before, and its id is its own: nobody can have seen it. */
  readonly mayBeKnown: boolean;
  redelivered: boolean;
  /** Acknowledged here, and perhaps not in the store yet. */
  isDone: boolean;
  isCommitted: boolean;
  /** The loop that has it, or had it last. */
  takenBy: object | undefined;
  /** Whoever acknowledged it waits for the store. */
  waiter: PromiseWithResolvers<void> | undefined;
}

export function rejectWaiter<Body>(item: Item<Body>, error: unknown): void {
  item.waiter?.reject(error);
  item.waiter = undefined;
}

export function notResumed(): NetworkError {
  return new NetworkError("CONFLICT", "the session was not resumed: this message comes again");
}
