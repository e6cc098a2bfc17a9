import type { QueuedFrame } from "./queued-frame.ts";

/** Frames in a row, linked to each other: adding, taking and removing are constant, and nothing is left behind. */
export class FrameList {
  #first: QueuedFrame | undefined;
  #last: QueuedFrame | undefined;

  addLast(frame: QueuedFrame): void {
    frame.previous = this.#last;
    frame.next = undefined;
    if (this.#last) this.#last.next = frame;
    else this.#first = frame;
    this.#last = frame;
  }

  addFirst(frame: QueuedFrame): void {
    frame.previous = undefined;
    frame.next = this.#first;
    if (this.#first) this.#first.previous = frame;
    else this.#last = frame;
    this.#first = frame;
  }

  takeFirst(): QueuedFrame | undefined {
    if (this.#first) return this.remove(this.#first);
    return undefined;
  }

  /** The frame must be in this list. */
  remove(frame: QueuedFrame): QueuedFrame {
    const { previous, next } = frame;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    frame.previous = undefined;
    frame.next = undefined;
    return frame;
  }
}
