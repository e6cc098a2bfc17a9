import { PRIORITIES, type Priority } from "../priority.ts";
import { FrameList } from "./frame-list.ts";
import type { QueuedFrame } from "./queued-frame.ts";

/** Which of the waiting frames goes next: all that a queue knows of scheduling. */
export interface FrameOrder {
  add(frame: QueuedFrame): void;
  /** Takes out the frame to send next. */
  next(): QueuedFrame | undefined;
  /** The frame that `next` gave last could not be sent: as if it had not been taken. */
  putBack(frame: QueuedFrame): void;
  /** Takes out a frame that waits. */
  remove(frame: QueuedFrame): void;
}

/** Strict priority: a frame goes when none of a more urgent class waits; within a class, first come, first served. */
export class StrictPriority implements FrameOrder {
  readonly #classes: Readonly<Record<Priority, FrameList>> = {
    critical: new FrameList(),
    high: new FrameList(),
    normal: new FrameList(),
    low: new FrameList(),
  };

  add(frame: QueuedFrame): void {
    this.#classes[frame.priority].addLast(frame);
  }

  next(): QueuedFrame | undefined {
    for (const priority of PRIORITIES) {
      const frame = this.#classes[priority].takeFirst();
      if (frame) return frame;
    }
    return undefined;
  }

  putBack(frame: QueuedFrame): void {
    this.#classes[frame.priority].addFirst(frame);
  }

  remove(frame: QueuedFrame): void {
    this.#classes[frame.priority].remove(frame);
  }
}
