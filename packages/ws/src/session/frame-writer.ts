import type { Clock, Link, Timer } from "@net/core";
import { tick } from "./tick.ts";
import { encode, encodeFrame } from "./wire/encode.ts";
import { MAX_UNSENT } from "./wire/limits.ts";
import { countForFrame } from "./wire/pack.ts";

export interface FrameWriterOptions {
  readonly link: Link;
  readonly clock: Clock;
  /** How long a full link may stay full, in ms. */
  readonly stallTimeout: number;
}

/** Who is told what becomes of the link. */
export interface FrameWriterOwner {
  /** There is room again. */
  onRoom(): void;
  /** It stayed full; once. */
  onStalled(): void;
  /** The link takes no frame any more. */
  onLost(): void;
}

/** Envelopes on their way out: those of a moment leave in one frame, and wait here while the link is full. */
export class FrameWriter {
  readonly #options: FrameWriterOptions;
  readonly #owner: FrameWriterOwner;
  /** Encoded, in order. */
  #batch: string[] = [];
  #unsent = 0;
  #ackSeq: number | undefined;
  #isFlushScheduled = false;
  #isAckScheduled = false;
  #isFull = false;
  #isOver = false;
  #stalled: Timer | undefined;
  /** There if somebody waits for room. */
  #moved: PromiseWithResolvers<void> | undefined;

  constructor(options: FrameWriterOptions, owner: FrameWriterOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get writable(): boolean {
    return !this.#isFull && !this.#isOver;
  }

  /** Whether little enough waits that this may too. */
  hasRoomFor(envelope: string): boolean {
    const fits = (): boolean => this.#unsent === 0 || this.#unsent + envelope.length <= MAX_UNSENT;
    if (!fits()) this.flush();
    return fits();
  }

  /** Resolves when there is room for it, or nothing leaves any more. */
  async roomFor(envelope: string): Promise<void> {
    while (!this.#isOver && !this.hasRoomFor(envelope)) {
      this.#moved ??= Promise.withResolvers();
      await this.#moved.promise;
    }
  }

  write(envelope: string): void {
    if (this.#isOver) return;
    this.#batch.push(envelope);
    this.#unsent += envelope.length;
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    queueMicrotask(() => this.flush());
  }

  /** Only the last acknowledgement of a tick travels, or of what leaves earlier. */
  acknowledge(seq: number): void {
    this.#ackSeq = seq;
    if (this.#isAckScheduled) return;
    this.#isAckScheduled = true;
    tick(() => {
      this.#isAckScheduled = false;
      this.flush();
    });
  }

  /** What was taken leaves, as far as the link has room. */
  flush(): void {
    this.#isFlushScheduled = false;
    if (!this.writable) return;
    this.#addAck();
    try {
      this.#sendBatch();
    } catch {
      // A link that takes no frame has ended, or is about to: its `closed` says why.
      this.#owner.onLost();
    }
  }

  /** The last word. What waited for room is dropped: the store has it. */
  finish(envelope: string): void {
    if (this.#isFull) this.#batch = [];
    this.#isFull = false;
    this.#addAck();
    this.#batch.push(envelope);
    try {
      this.#sendBatch();
    } catch {
      // There is no room even for this: the link's own goodbye says the same.
    }
    this.end();
  }

  /** Nothing leaves any more. */
  end(): void {
    this.#isOver = true;
    this.#batch = [];
    this.#stalled?.cancel();
    this.#tellMoved();
  }

  #tellMoved(): void {
    this.#moved?.resolve();
    this.#moved = undefined;
  }

  #addAck(): void {
    if (this.#ackSeq !== undefined) this.#batch.push(encode({ kind: "ack", seq: this.#ackSeq }));
    this.#ackSeq = undefined;
  }

  #sendBatch(): void {
    const { link } = this.#options;
    let start = 0;
    while (start < this.#batch.length && this.writable) {
      const end = start + countForFrame(this.#batch, start, link.maxFrameBytes);
      const hasRoom = link.send(encodeFrame(this.#batch.slice(start, end)));
      start = end;
      if (!hasRoom) this.#waitForRoom();
    }
    this.#batch = this.#batch.slice(start);
    this.#unsent = this.#batch.reduce((sum, { length }) => sum + length, 0);
  }

  #waitForRoom(): void {
    const { link, clock, stallTimeout } = this.#options;
    this.#isFull = true;
    const onStalled = (): void => this.#owner.onStalled();
    this.#stalled = clock.setTimeout(onStalled, stallTimeout, { background: true });
    // The link died: its `closed` says so.
    link.drained().then(
      () => this.#goOn(),
      () => {},
    );
  }

  #goOn(): void {
    this.#stalled?.cancel();
    if (this.#isOver) return;
    this.#isFull = false;
    this.flush();
    this.#tellMoved();
    if (this.writable) this.#owner.onRoom();
  }
}
