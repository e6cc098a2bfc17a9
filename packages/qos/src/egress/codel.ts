import type { FrameList } from "./frame-list.ts";
import type { QueuedFrame } from "./queued-frame.ts";

/** RFC 8289's defaults: a delay that stands above 5 ms for 100 ms is a queue that does no good. */
export const CODEL_TARGET_MS = 5;
export const CODEL_INTERVAL_MS = 100;

/** RFC 8289 §5: a drop rate that worked less than 16 intervals ago is a good one to begin with. */
const MEMORY_INTERVALS = 16;

/**
 * Controlled delay, RFC 8289 §5: while frames of a flow wait too long for too long, some are refused, ever more often,
 * until those behind them wait less. Where RFC 8289 would drop a frame whose sender cannot be told, that frame passes
 * and counts all the same, as a packet does that can be marked (ECN).
 */
export class CoDel {
  #firstAboveMs: number | undefined;
  #dropNextMs = 0;
  #count = 0;
  #lastCount = 0;
  #dropping = false;

  /** Takes the frame to send next out of the list; those refused before it are added to `refused`. */
  take(list: FrameList, nowMs: number, refused: QueuedFrame[]): QueuedFrame | undefined {
    const frame = list.takeFirst();
    const isTooLate = this.#isTooLate(frame, list, nowMs);
    if (this.#dropping) {
      this.#dropping = isTooLate;
      return this.#dropDue(frame, list, nowMs, refused);
    }
    return frame && isTooLate ? this.#dropFirst(frame, list, nowMs, refused) : frame;
  }

  /** Enters the dropping state. */
  #dropFirst(
    frame: QueuedFrame,
    list: FrameList,
    nowMs: number,
    refused: QueuedFrame[],
  ): QueuedFrame | undefined {
    let next: QueuedFrame | undefined = frame;
    if (frame.isRefusable) {
      refused.push(frame);
      next = list.takeFirst();
      this.#isTooLate(next, list, nowMs);
    }
    this.#begin(nowMs);
    return next;
  }

  /** As many as are due by now, while it still is too late. */
  #dropDue(
    first: QueuedFrame | undefined,
    list: FrameList,
    nowMs: number,
    refused: QueuedFrame[],
  ): QueuedFrame | undefined {
    let frame = first;
    while (this.#dropping && nowMs >= this.#dropNextMs) {
      this.#count += 1;
      if (!frame?.isRefusable) {
        this.#dropNextMs = controlLaw(this.#dropNextMs, this.#count);
        return frame;
      }
      refused.push(frame);
      frame = list.takeFirst();
      this.#dropping = this.#isTooLate(frame, list, nowMs);
      if (this.#dropping) this.#dropNextMs = controlLaw(this.#dropNextMs, this.#count);
    }
    return frame;
  }

  /** Whether the wait of frames has been above the target for a whole interval. */
  #isTooLate(frame: QueuedFrame | undefined, list: FrameList, nowMs: number): boolean {
    // What is left is one frame's worth at most: there is no queue that could be shorter.
    const isShort = !frame || list.bytes <= list.largest;
    if (isShort || nowMs - frame.enqueuedAtMs < CODEL_TARGET_MS) {
      this.#firstAboveMs = undefined;
      return false;
    }
    this.#firstAboveMs ??= nowMs + CODEL_INTERVAL_MS;
    return nowMs >= this.#firstAboveMs;
  }

  #begin(nowMs: number): void {
    const delta = this.#count - this.#lastCount;
    const isRecent = nowMs - this.#dropNextMs < MEMORY_INTERVALS * CODEL_INTERVAL_MS;
    this.#dropping = true;
    this.#count = delta > 1 && isRecent ? delta : 1;
    this.#dropNextMs = controlLaw(nowMs, this.#count);
    this.#lastCount = this.#count;
  }
}

/** RFC 8289 §5: the next drop comes sooner the more there were, by the inverse square root. */
function controlLaw(fromMs: number, count: number): number {
  return fromMs + CODEL_INTERVAL_MS / Math.sqrt(count);
}
