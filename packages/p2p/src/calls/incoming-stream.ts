import { AsyncQueue, type NetworkError, OverloadedError } from "@net/core";
import { ReceiveCredit } from "@net/qos";
import { StreamReader } from "./stream-reader.ts";
import { STREAM_WINDOW_BYTES } from "./stream-window.ts";

interface Chunk {
  readonly value: unknown;
  readonly bytes: number;
  /** Tells whoever waits until it was read. */
  readonly taken?: () => void;
}

/** What waits, and how much more of it may come. */
interface StreamBuffer {
  readonly credit: ReceiveCredit;
  readonly queue: AsyncQueue<Chunk>;
}

/** What the caller sees of a call's stream: chunks wait here until they are read, and more come only as they are. */
export class IncomingStream implements AsyncIterable<unknown> {
  #made: StreamBuffer | undefined;
  #end: { readonly error: NetworkError | undefined } | undefined;
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
    if (this.#isDropped || this.#buffer.queue.ended) return;
    this.#buffer.credit.received(bytes);
    this.#buffer.queue.push({ value, bytes });
    if (!this.#isWanted && !this.#isRead && this.#isFull()) this.#drop();
  }

  /** A chunk of a tool of this process: resolves when somebody has read it, or nobody will. */
  async handed(value: unknown): Promise<void> {
    if (this.#isDropped || this.#buffer.queue.ended) return;
    if (!this.#isWanted && !this.#isRead) return this.#drop();
    const taken = Promise.withResolvers<void>();
    this.#buffer.queue.push({ value, bytes: 0, taken: taken.resolve });
    await taken.promise;
  }

  /** The call has ended: what came is still read, then the stream ends, as the call did. */
  end(error?: NetworkError): void {
    if (this.#end) return;
    this.#end = { error };
    if (this.#made) endQueue(this.#made.queue, error);
  }

  /** Its result is awaited: unless somebody reads the stream too, it is in the way of it. */
  resultAwaited(): void {
    this.#isWanted = false;
    if (!this.#isRead && this.#isFull()) this.#drop();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown, undefined, undefined> {
    return new StreamReader({
      poll: () => this.#poll(),
      take: () => this.#take(),
      leave: () => this.#leave(),
    });
  }

  /** The next chunk, if one waits: now it was read. */
  #poll(): Chunk | undefined {
    this.#isRead = true;
    const chunk = this.#buffer.queue.poll();
    if (chunk) this.#took(chunk);
    return chunk;
  }

  async #take(): Promise<Chunk | undefined> {
    const chunk = await this.#buffer.queue.take();
    if (chunk) this.#took(chunk);
    else if (this.#isDropped) throw unread();
    return chunk;
  }

  #took({ bytes, taken }: Chunk): void {
    this.#consumed(bytes);
    taken?.();
  }

  #leave(): void {
    if (!this.#buffer.queue.ended) this.#drop();
  }

  /** Most calls stream nothing: what streams need is made for those that do. */
  get #buffer(): StreamBuffer {
    if (this.#made) return this.#made;
    const window = { windowBytes: STREAM_WINDOW_BYTES };
    const credit = new ReceiveCredit(window, STREAM_WINDOW_BYTES, { announcedPart: 1 / 2 });
    const queue = new AsyncQueue<Chunk>({ capacity: Number.POSITIVE_INFINITY });
    this.#made = { credit, queue };
    if (this.#end) endQueue(queue, this.#end.error);
    return this.#made;
  }

  #consumed(bytes: number): void {
    const limitBytes = this.#buffer.credit.consumed(bytes);
    if (limitBytes !== undefined) this.#announce(limitBytes);
  }

  /** So full that the callee waits. */
  #isFull(): boolean {
    return this.#made !== undefined && this.#made.credit.heldBytes > STREAM_WINDOW_BYTES / 2;
  }

  #drop(): void {
    this.#isDropped = true;
    const { queue } = this.#buffer;
    for (let chunk = queue.poll(); chunk; chunk = queue.poll()) chunk.taken?.();
    this.#announce(undefined);
  }
}

function unread(): OverloadedError {
  return new OverloadedError("this stream was not read while the call went on, and so was dropped");
}

function endQueue(queue: AsyncQueue<Chunk>, error: NetworkError | undefined): void {
  if (error) queue.end(error);
  else queue.end();
}
