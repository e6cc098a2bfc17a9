import { abortable, type NetworkError } from "@net/core";
import type { Item } from "./item.ts";

/** Messages that nobody has taken yet, in order, and those who wait for one. */
export class Inbox<Body> {
  #queue: Item<Body>[] = [];
  #changed = Promise.withResolvers<void>();
  #end: { readonly error: NetworkError | undefined } | undefined;

  /** Takers are told by {@link wake}, once for many. */
  add(item: Item<Body>): void {
    this.#queue.push(item);
  }

  clear(): void {
    this.#queue = [];
  }

  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Nothing more comes: takers get undefined, or the error. */
  end(error: NetworkError | undefined): void {
    this.#end ??= { error };
    this.clear();
    this.wake();
  }

  /** The next one; undefined at the end. @throws the end's error, AbortedError. */
  async take(signal: AbortSignal | undefined): Promise<Item<Body> | undefined> {
    for (;;) {
      const item = this.#queue.shift();
      if (item && !item.isDone) return item;
      if (item) continue;
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      await abortable(this.#changed.promise, signal);
    }
  }

  /** They were taken, and come again. */
  giveBack(items: readonly Item<Body>[]): void {
    if (items.length === 0 || this.#end) return;
    for (const item of items) item.redelivered = true;
    this.#queue = [...items, ...this.#queue].sort((a, b) => a.seq - b.seq);
    this.wake();
  }
}
