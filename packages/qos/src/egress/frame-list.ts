import type { QueuedFrame } from "./queued-frame.ts";

/**
 * Frames in a row, linked to each other: adding, taking and removing are constant, and nothing is left behind. Counts
 * their bytes.
 */
export class FrameList {
  /** Bytes of all frames in it. */
  bytes = 0;
  /** The largest frame it ever held. */
  largest = 0;
  #first: QueuedFrame | undefined;
  #last: QueuedFrame | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  get first(): QueuedFrame | undefined {
    return this.#first;
  }

  addLast(frame: QueuedFrame): void {
    frame.previous = this.#last;
    frame.next = undefined;
    if (this.#last) this.#last.next = frame;
    else this.#first = frame;
    this.#last = frame;
    this.#count(frame);
  }

  addFirst(frame: QueuedFrame): void {
    frame.previous = undefined;
    frame.next = this.#first;
    if (this.#first) this.#first.previous = frame;
    else this.#last = frame;
    this.#first = frame;
    this.#count(frame);
  }

  takeFirst(): QueuedFrame | undefined {
    const frame = this.#first;
    if (frame) this.remove(frame);
    return frame;
  }

  /** The frame must be in this list. */
  remove(frame: QueuedFrame): void {
    const { previous, next } = frame;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    frame.previous = undefined;
    frame.next = undefined;
    this.bytes -= frame.bytes;
  }

  /** Puts a frame in the place of one that is in this list. */
  replace(old: QueuedFrame, fresh: QueuedFrame): void {
    fresh.previous = old.previous;
    fresh.next = old.next;
    if (old.previous) old.previous.next = fresh;
    else this.#first = fresh;
    if (old.next) old.next.previous = fresh;
    else this.#last = fresh;
    old.previous = undefined;
    old.next = undefined;
    this.bytes -= old.bytes;
    this.#count(fresh);
  }

  #count({ bytes }: QueuedFrame): void {
    this.bytes += bytes;
    if (bytes > this.largest) this.largest = bytes;
  }
}
