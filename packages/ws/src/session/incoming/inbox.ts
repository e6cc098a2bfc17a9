import { abortable, type NetworkError } from "@net/core";
import type { Item } from "./item.ts";

/** Messages that nobody has taken yet, in order, and those who wait for one. */
export class Inbox<Body> {
  #queue: Item<Body>[] = [];
  /** There if somebody waits. */
  #changed: PromiseWithResolvers<void> | undefined;
  #end: { readonly error: NetworkError | undefined } | undefined;

  /** Takers are told by {@link wake}, once for many. */
  add(item: Item<Body>): void {
    this.#queue.push(item);
  }

  clear(): void {
    this.#queue = [];
  }

  wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }

  /** Nothing more comes: takers get undefined, or the error. */
  end(error: NetworkError | undefined): void {
    this.#end ??= { error };
    this.clear();
    this.wake();
  }

  /** The next one, if it is here. */
  poll(): Item<Body> | undefined {
    for (;;) {
      const item = this.#queue.shift();
      if (!item?.isDone) return item;
    }
  }

  /** True if nothing more comes. @throws the end's error. */
  hasEnded(): boolean {
    if (this.#end?.error) throw this.#end.error;
    return this.#end !== undefined;
  }

  /** Resolves when there may be another one, or the end. @throws AbortedError */
  changed(signal: AbortSignal | undefined): Promise<void> {
    this.#changed ??= Promise.withResolvers();
    const { promise } = this.#changed;
    return signal ? abortable(promise, signal) : promise;
  }

  /** They were taken, and come again. */
  giveBack(items: readonly Item<Body>[]): void {
    if (items.length === 0 || this.#end) return;
    for (const item of items) item.redelivered = true;
    this.#queue = [...items, ...this.#queue].sort((a, b) => a.seq - b.seq);
    this.wake();
  }
}
