import { type NetworkError, reportUncaught } from "@net/core";
import { MinHeap } from "../shaping/min-heap.ts";
import { type ByteBudget, budgetBytes } from "./byte-budget.ts";
import { lateError, refusedError } from "./egress-errors.ts";
import type { Fate, QueuedFrame } from "./queued-frame.ts";
import type { Scheduler } from "./scheduler.ts";

/** The frames that wait: how much they take, until when they may wait, and telling their senders what became of them. */
export class WaitingRoom {
  readonly #peerId: string;
  readonly #scheduler: Scheduler;
  readonly #budget: ByteBudget;
  readonly #onChange: () => void;
  readonly #deadlines: MinHeap<QueuedFrame> = new MinHeap<QueuedFrame>((frame) => frame.dueAtMs);

  /** @param onChange another frame may be the next one than the one that could not go. */
  constructor(peerId: string, scheduler: Scheduler, budget: ByteBudget, onChange: () => void) {
    this.#peerId = peerId;
    this.#scheduler = scheduler;
    this.#budget = budget;
    this.#onChange = onChange;
  }

  /** When the first deadline passes; Infinity without any. */
  get nextDeadlineMs(): number {
    return this.#deadlines.top?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** A frame that was found to fit waits, in the place of an older one with its key if there is one. */
  enter(frame: QueuedFrame): void {
    const { flow, coalesceKey } = frame;
    const old = coalesceKey === undefined ? undefined : flow.keyed(coalesceKey);
    this.#budget.add(budgetBytes(frame.bytes), frame.isReserved);
    if (frame.dueAtMs < Number.POSITIVE_INFINITY) this.#deadlines.add(frame);
    if (!old) {
      if (flow.place === "idle") this.#onChange();
      this.#scheduler.add(frame);
      return;
    }
    this.#scheduler.replace(old, frame);
    this.#onChange();
    this.settle(old, "superseded");
  }

  /** A frame waits no more: it was sent, or is in no list any more. */
  settle(frame: QueuedFrame, fate: Fate): void {
    frame.fate = fate;
    this.#budget.remove(budgetBytes(frame.bytes), frame.isReserved);
    this.#deadlines.remove(frame);
    if (frame.onSettled) tell(frame.onSettled, fate);
  }

  /** Takes back a frame that waits; one that is leaving, or gone, cannot be. */
  withdraw(frame: QueuedFrame, reason: NetworkError): void {
    if (frame.fate || frame.isLeaving) return;
    this.#scheduler.remove(frame);
    this.#onChange();
    this.settle(frame, reason);
  }

  /** Those whose deadline has passed wait no more. */
  expire(nowMs: number): void {
    for (let frame = this.#deadlines.top; frame; frame = this.#deadlines.top) {
      if (frame.dueAtMs > nowMs) return;
      this.withdraw(frame, lateError(frame, this.#peerId));
    }
  }

  /** Those that CoDel took out are told. */
  tellRefused(nowMs: number): void {
    for (const frame of this.#scheduler.refused.splice(0)) {
      this.settle(frame, refusedError(frame, this.#peerId, nowMs));
    }
  }

  /** Nobody waits any more. */
  dismiss(reason: NetworkError): void {
    for (let frame = this.#scheduler.takeAny(); frame; frame = this.#scheduler.takeAny()) {
      this.settle(frame, reason);
    }
  }
}

/** What a listener throws must not stop the queue: it is reported as uncaught, as with `EventTarget`. */
function tell(listener: (fate: Fate) => void, fate: Fate): void {
  try {
    listener(fate);
  } catch (error) {
    reportUncaught(error);
  }
}
