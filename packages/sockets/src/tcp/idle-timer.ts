import type { Clock, Timer } from "@net/core";

/** Rings once nothing was touched for a while. A touch costs a clock reading, not a timer. */
export class IdleTimer implements Disposable {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #onIdle: () => void;
  #touchedMs: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, timeout: number, onIdle: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onIdle = onIdle;
    this.#touchedMs = clock.monotonicMs();
    if (Number.isFinite(timeout)) this.#arm(timeout);
  }

  touch(): void {
    this.#touchedMs = this.#clock.monotonicMs();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#check(), delay, { background: true });
  }

  #check(): void {
    const leftMs = this.#touchedMs + this.#timeout - this.#clock.monotonicMs();
    if (leftMs > 0) this.#arm(leftMs);
    else this.#onIdle();
  }
}
