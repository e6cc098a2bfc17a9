import type { Clock, Timer } from "@net/core";

/** Things that expire in the order in which they were added, with one timer for all. */
export class Expiry {
  readonly #clock: Clock;
  readonly #onExpired: (id: string) => void;
  readonly #expiresAtMs = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, onExpired: (id: string) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** @param expiresAtMs by the clock's monotonic time; not before that of any that was added earlier. */
  add(id: string, expiresAtMs: number): void {
    this.#expiresAtMs.set(id, expiresAtMs);
    if (this.#expiresAtMs.size === 1) this.#await();
  }

  delete(id: string): void {
    this.#expiresAtMs.delete(id);
  }

  close(): void {
    this.#timer?.cancel();
    this.#expiresAtMs.clear();
  }

  #await(): void {
    this.#timer?.cancel();
    const [nextMs] = this.#expiresAtMs.values();
    if (nextMs === undefined) return;
    const delay = nextMs - this.#clock.monotonicMs();
    this.#timer = this.#clock.setTimeout(() => this.#expire(), delay, { background: true });
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, expiresAtMs] of this.#expiresAtMs) {
      if (expiresAtMs > nowMs) break;
      this.#expiresAtMs.delete(id);
      this.#onExpired(id);
    }
    this.#await();
  }
}
