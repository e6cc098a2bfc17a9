import type { Priority } from "../priority.ts";

/** A frame on its way through a queue. */
export interface QueuedFrame {
  readonly frame: Uint8Array;
  readonly priority: Priority;
  /** `waiting` while the order holds it, `leaving` while the sink is asked. */
  state: "waiting" | "leaving" | "sent" | "dropped";
  /** Who waits for it; most frames have nobody. */
  waiter: PromiseWithResolvers<void> | undefined;
  /** Its neighbours in the list that holds it. */
  previous: QueuedFrame | undefined;
  next: QueuedFrame | undefined;
}

export function queuedFrame(frame: Uint8Array, priority: Priority): QueuedFrame {
  return {
    ...{ frame, priority, state: "waiting" },
    ...{ waiter: undefined, previous: undefined, next: undefined },
  };
}
