import type { JsonValue } from "@net/core";

/** A message of the other end, to be processed. It comes again, after a restart, until it is acknowledged. */
export interface Delivery<Body = JsonValue, Tx = unknown> {
  /** Its number in this session's epoch. */
  readonly seq: number;
  readonly id: string;
  readonly body: Body;
  /** True if it may have been handed out before, here or to an earlier process. */
  readonly redelivered: boolean;

  /**
   * It was processed and need not come again. Resolves when the store knows, which it learns in order: not before
   * all messages before this one are acknowledged too. Acknowledging twice is once.
   *
   * @throws ClosedError if the session ends first; NetworkError `CONFLICT` if it was not resumed: the message comes again.
   */
  ack(): Promise<void>;

  /**
   * Acknowledges together with the effects of processing it: in the store's own transaction, both or neither, so that
   * effects made with `tx` are made exactly once. All messages before it must be acknowledged.
   *
   * @returns false if the message was committed already; `effects` was not called then.
   * @throws what `effects` throws, and what `ack` does; NetworkError `INVALID_STATE` if a message before it is not
   * acknowledged.
   */
  commit(effects: (tx: Tx) => void | PromiseLike<void>): Promise<boolean>;
}
