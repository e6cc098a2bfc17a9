import type { NetworkError } from "@net/core";
import type { Flow } from "./flow.ts";

/** What became of a frame: the link has it, a newer one with its key took its place, or why it was not sent. */
export type Fate = "sent" | "superseded" | NetworkError;

/** A frame on its way through a queue. */
export class QueuedFrame {
  readonly frame: Uint8Array;
  /** Its size when it came: a link that hands the memory on to another thread leaves an empty view behind. */
  readonly bytes: number;
  /** The type of message, as its sender said it. */
  readonly type: string;
  readonly flow: Flow;
  readonly enqueuedAtMs: number;
  /** Whether it was counted in the critical reserve; its flow's priority may change meanwhile. */
  readonly isReserved: boolean;
  /** Infinity without a deadline. */
  dueAtMs: number = Number.POSITIVE_INFINITY;
  coalesceKey: string | undefined = undefined;
  /** Whether its sender agrees to that. */
  refusable = true;
  /** Tells whoever sent it. A frame that nobody hears of is never dropped. */
  onSettled: ((fate: Fate) => void) | undefined = undefined;
  /** Undefined until it is settled. */
  fate: Fate | undefined = undefined;
  /** True while the sink is asked: then it can no longer be taken back. */
  isLeaving = false;
  /** Its place among the deadlines. */
  heapIndex = -1;
  /** Its neighbours in the list that holds it. */
  previous: QueuedFrame | undefined = undefined;
  next: QueuedFrame | undefined = undefined;

  constructor(frame: Uint8Array, type: string, flow: Flow, nowMs: number) {
    this.frame = frame;
    this.bytes = frame.byteLength;
    this.type = type;
    this.flow = flow;
    this.enqueuedAtMs = nowMs;
    this.isReserved = flow.level === 0;
  }

  /** Whether CoDel may refuse it. */
  get isRefusable(): boolean {
    return this.refusable && this.onSettled !== undefined;
  }
}
