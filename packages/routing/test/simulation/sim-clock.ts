import type { Clock, Timer } from "@net/core";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Discrete events: time jumps from one to the next, and whatever runs takes none. Seeded by nothing: the same every time. */
export class SimClock implements Clock {
  readonly #startMs: number = Date.UTC(2026, 0, 1);
  /** A binary heap by time, then by order. */
  readonly #events: Event[] = [];
  #elapsedMs = 0;
  #order = 0;

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    let cancelled = false;
    this.#push({
      ...{ atMs: this.#elapsedMs + Math.max(0, delay), order: this.#order++ },
      run: () => void (cancelled || callback()),
    });
    const cancel = (): void => {
      cancelled = true;
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  setInterval(callback: () => void, period: number): Timer {
    let next: Timer;
    const ring = (): void => {
      next = this.setTimeout(ring, period);
      callback();
    };
    next = this.setTimeout(ring, period);
    const cancel = (): void => next.cancel();
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** Runs all events of the next `ms`. */
  run(ms: number): void {
    const until = this.#elapsedMs + ms;
    while ((this.#events[0]?.atMs ?? Number.POSITIVE_INFINITY) <= until) {
      const event = this.#pop();
      this.#elapsedMs = event.atMs;
      event.run();
    }
    this.#elapsedMs = until;
  }

  #push(event: Event): void {
    const events = this.#events;
    let hole = events.length;
    events.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!isBefore(event, events[parent] as Event)) break;
      events[hole] = events[parent] as Event;
      hole = parent;
    }
    events[hole] = event;
  }

  #pop(): Event {
    const events = this.#events;
    const top = events[0] as Event;
    const last = events.pop() as Event;
    if (events.length > 0) this.#sink(last);
    return top;
  }

  #sink(event: Event): void {
    const events = this.#events;
    let hole = 0;
    for (let child = 1; child < events.length; child = hole * 2 + 1) {
      const other = events[child + 1];
      const least = other && isBefore(other, events[child] as Event) ? child + 1 : child;
      if (!isBefore(events[least] as Event, event)) break;
      events[hole] = events[least] as Event;
      hole = least;
    }
    events[hole] = event;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
