import { abortedError, onAbort, throwIfAborted } from "./abort/aborted.ts";
import { ClosedError, ValidationError } from "./errors/kinds.ts";
import { reportUncaught } from "./errors/report.ts";
import { isAmount } from "./numbers.ts";

export interface AsyncQueueOptions<T> {
  /** The most it holds, in the unit of `sizeOf`. */
  readonly capacity: number;
  /**
   * What an item weighs, always the same for the same item; default 1, so that `capacity` counts items. What weighs
   * nothing is counted as 1: an endless row of empty messages must not pass for an empty queue.
   */
  readonly sizeOf?: ((item: T) => number) | undefined;
  /** Called when items were taken and the queue is at most half full again, after it was full. */
  readonly onRoom?: (() => void) | undefined;
}

/**
 * A bounded queue between a producer that must not wait and a consumer that may be slow. `push` says no
 * when it is full; what then happens (pause, drop, close) is the producer's policy.
 *
 * Iterating takes items away; `break` leaves the rest in place.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #weigh: (item: T) => number;
  readonly #onRoom: (() => void) | undefined;
  readonly #items: T[] = [];
  readonly #takers: PromiseWithResolvers<T | undefined>[] = [];
  #head = 0;
  #size = 0;
  #wasFull = false;
  #end: { readonly error?: unknown } | undefined;

  /** @throws ValidationError unless the capacity is above 0. */
  constructor({ capacity, sizeOf, onRoom }: AsyncQueueOptions<T>) {
    if (!(capacity > 0))
      throw new ValidationError(`a queue's capacity must be above 0, not ${capacity}`);
    this.#capacity = capacity;
    this.#weigh = sizeOf ? (item) => checkedSize(sizeOf(item)) : () => 1;
    this.#onRoom = onRoom;
  }

  /** What the waiting items weigh together. */
  get size(): number {
    return this.#size;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Adds an item and says whether `more` fit, the queue is now `full`, or the item was `refused` because it
   * would exceed the capacity. An empty queue takes any item: a single large one must pass.
   *
   * @throws ClosedError after `end`.
   * @throws ValidationError for `undefined`, which is what `take` says at the end, and for an item without a size.
   */
  push(item: T): "more" | "full" | "refused" {
    if (this.#end) throw new ClosedError("this queue has ended");
    if (item === undefined) throw new ValidationError("a queue cannot hold undefined");
    const taker = this.#takers.shift();
    if (taker) {
      taker.resolve(item);
      return "more";
    }
    const size = this.#weigh(item);
    if (this.#size > 0 && this.#size + size > this.#capacity) return this.#full("refused");
    this.#items.push(item);
    this.#size += size;
    return this.#size >= this.#capacity ? this.#full("full") : "more";
  }

  #full(answer: "full" | "refused"): "full" | "refused" {
    this.#wasFull = true;
    return answer;
  }

  /** The next item, if one waits; undefined otherwise, whether more come or not. Costs no promise. */
  poll(): T | undefined {
    return this.#head < this.#items.length ? this.#shift() : undefined;
  }

  /** Drops what waits. */
  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
    this.#size = 0;
    this.#announceRoom();
  }

  /**
   * The next item; undefined once the queue has ended and is empty.
   *
   * @throws AbortedError when the signal aborts; nothing was taken then.
   * @throws what `end` was given, once the queue is empty.
   */
  async take({
    signal,
  }: {
    readonly signal?: AbortSignal | undefined;
  } = {}): Promise<T | undefined> {
    throwIfAborted(signal);
    const waiting = this.poll();
    if (waiting !== undefined) return waiting;
    if (this.#end) return this.#ending();
    const taker = Promise.withResolvers<T | undefined>();
    this.#takers.push(taker);
    using _listener = onAbort(signal, () => signal && this.#withdraw(taker, abortedError(signal)));
    return await taker.promise;
  }

  /** No more items come; those that wait are still taken. With `error`, takers reject with it after them. */
  end(error?: unknown): void {
    if (this.#end) return;
    this.#end = error === undefined ? {} : { error };
    for (const taker of this.#takers.splice(0)) {
      if (error === undefined) taker.resolve(undefined);
      else taker.reject(error);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item = this.poll();
      if (item === undefined) item = await this.take();
      if (item === undefined) return;
      yield item;
    }
  }

  #withdraw(taker: PromiseWithResolvers<T | undefined>, reason: unknown): void {
    const index = this.#takers.indexOf(taker);
    if (index === -1) return;
    this.#takers.splice(index, 1);
    taker.reject(reason);
  }

  #shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head++] = undefined as T;
    this.#compact();
    this.#size -= this.#weigh(item);
    this.#announceRoom();
    return item;
  }

  /** Taking from the front of an array is linear; doing it once per half makes it constant per item. */
  #compact(): void {
    if (this.#head === this.#items.length) this.#items.length = 0;
    else if (this.#head * 2 >= this.#items.length) this.#items.splice(0, this.#head);
    else return;
    this.#head = 0;
  }

  /** The item is already taken: if the producer throws, that must not lose it. */
  #announceRoom(): void {
    if (!this.#wasFull || this.#size > this.#capacity / 2) return;
    this.#wasFull = false;
    try {
      this.#onRoom?.();
    } catch (error) {
      reportUncaught(error);
    }
  }

  #ending(): undefined {
    if (this.#end && "error" in this.#end) throw this.#end.error;
    return undefined;
  }
}

function checkedSize(size: number): number {
  if (!isAmount(size)) throw new ValidationError(`an item's size must be 0 or more, not ${size}`);
  return size === 0 ? 1 : size;
}
