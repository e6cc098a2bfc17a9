import { setImmediate } from "node:timers/promises";
import type { Clock, Timer } from "@net/core";

interface Alarm {
  /** Undefined once it is cancelled. */
  callback: (() => void) | undefined;
  readonly dueMs: number;
  readonly order: number;
}

/**
 * A fake clock for very many timers: they lie in a heap, and those of one millisecond ring together. What is cancelled
 * is left in the heap until its time.
 */
export class HeapClock implements Clock {
  readonly #heap: Alarm[] = [];
  #elapsedMs = 0;
  #order = 0;

  nowMs(): number {
    return this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const dueMs = Math.ceil(this.#elapsedMs + Math.max(0, delay));
    const alarm: Alarm = { callback, dueMs, order: this.#order++ };
    if (Number.isFinite(delay)) this.#push(alarm);
    return timer(() => {
      alarm.callback = undefined;
    });
  }

  setInterval(callback: () => void, period: number): Timer {
    const start = (): Timer =>
      this.setTimeout(() => {
        next = start();
        callback();
      }, period);
    let next = start();
    return timer(() => next.cancel());
  }

  async advance(ms: number): Promise<void> {
    const target = this.#elapsedMs + ms;
    await setImmediate();
    for (let alarm = this.#heap[0]; alarm && alarm.dueMs <= target; alarm = this.#heap[0]) {
      if (alarm.callback) await this.#ringAll(alarm.dueMs);
      else this.#pop();
    }
    this.#elapsedMs = target;
    await setImmediate();
  }

  async #ringAll(dueMs: number): Promise<void> {
    this.#elapsedMs = Math.max(this.#elapsedMs, dueMs);
    for (let alarm = this.#heap[0]; alarm && alarm.dueMs <= dueMs; alarm = this.#heap[0]) {
      this.#pop();
      alarm.callback?.();
    }
    // Once for what the timers start, once for what they acknowledge at the end of the turn.
    await setImmediate();
    await setImmediate();
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let index = heap.push(alarm) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(alarm, heap[parent] as Alarm)) break;
      heap[index] = heap[parent] as Alarm;
      index = parent;
    }
    heap[index] = alarm;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRight = right < heap.length && isBefore(heap[right] as Alarm, heap[left] as Alarm);
      const child = isRight ? right : left;
      if (!isBefore(heap[child] as Alarm, last)) break;
      heap[index] = heap[child] as Alarm;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

function timer(cancel: () => void): Timer {
  return { cancel, [Symbol.dispose]: cancel };
}
