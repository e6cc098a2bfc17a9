import { AsyncQueue, type NetworkError, OverloadedError } from "@net/core";
import { ReceiveCredit } from "@net/qos";
import { STREAM_WINDOW_BYTES } from "./stream-window.ts";

interface Chunk {
  readonly value: unknown;
  readonly bytes: number;
  /** Tells whoever waits until it was read. */
  readonly taken?: () => void;
}

/** What the caller sees of a call's stream: chunks wait here until they are read, and more come only as they are. */
export class IncomingStream implements AsyncIterable<unknown> {
  readonly #credit = new ReceiveCredit({ windowBytes: STREAM_WINDOW_BYTES }, STREAM_WINDOW_BYTES);
  readonly #queue = new AsyncQueue<Chunk>({ capacity: Number.POSITIVE_INFINITY });
  #announce: (limitBytes: number | undefined) => void = () => {};
  /** Whether somebody reads, or may begin to. */
  #isWanted = true;
  #isRead = false;
  #isDropped = false;

  /** @param announce tells the callee how much it may send in all; undefined: nothing more is wanted. */
  connect(announce: (limitBytes: number | undefined) => void): void {
    this.#announce = announce;
  }

  /** A chunk came. @throws ProtocolError if there was no credit for it. */
  arrived(value: unknown, bytes: number): void {
    if (this.#isDropped || this.#queue.ended) return;
    this.#credit.received(bytes);
    this.#queue.push({ value, bytes });
    if (!this.#isWanted && !this.#isRead && this.#isFull()) this.#drop();
  }

  /** A chunk of a tool of this process: resolves when somebody has read it, or nobody will. */
  async handed(value: unknown): Promise<void> {
    if (this.#isDropped || this.#queue.ended) return;
    if (!this.#isWanted && !this.#isRead) return this.#drop();
    const taken = Promise.withResolvers<void>();
    this.#queue.push({ value, bytes: 0, taken: taken.resolve });
    await taken.promise;
  }

  /** The call has ended: what came is still read, then the stream ends, as the call did. */
  end(error?: NetworkError): void {
    if (error) this.#queue.end(error);
    else this.#queue.end();
  }

  /** Its result is awaited: unless somebody reads the stream too, it is in the way of it. */
  resultAwaited(): void {
    this.#isWanted = false;
    if (!this.#isRead && this.#isFull()) this.#drop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    this.#isRead = true;
    try {
      for await (const { value, bytes, taken } of this.#queue) {
        this.#consumed(bytes);
        taken?.();
        yield value;
      }
      if (this.#isDropped) throw unread();
    } finally {
      if (!this.#queue.ended) this.#drop();
    }
  }

  #consumed(bytes: number): void {
    const limitBytes = this.#credit.consumed(bytes);
    if (limitBytes !== undefined) this.#announce(limitBytes);
  }

  /** So full that the callee waits. */
  #isFull(): boolean {
    return this.#credit.heldBytes > STREAM_WINDOW_BYTES / 2;
  }

  #drop(): void {
    this.#isDropped = true;
    for (let chunk = this.#queue.poll(); chunk; chunk = this.#queue.poll()) chunk.taken?.();
    this.#announce(undefined);
  }
}

function unread(): OverloadedError {
  return new OverloadedError("this stream was not read while the call went on, and so was dropped");
}
