import type { Clock, Timer } from "@net/core";

/** A link is dead when nothing was heard for this many beats in a row. */
const MAX_MISSED_BEATS = 3;

export interface HeartbeatOptions {
  /** Between two beats, in ms. */
  readonly interval: number;
  readonly clock: Clock;
  /** Sends a ping with that number. */
  readonly ping: (number: number) => void;
  readonly onRoundTrip: (rttMs: number) => void;
  /** The last ping was not answered before the next one was due. */
  readonly onLost: () => void;
  readonly onDead: () => void;
}

/**
 * Finds out whether the other end of a link lives, and how far away it is: a ping at once and at every beat. Whatever
 * is heard is a sign of life, so that a busy link whose answers wait in a queue is not taken for a dead one.
 */
export class Heartbeat implements Disposable {
  readonly #options: HeartbeatOptions;
  readonly #timer: Timer;
  #number = 0;
  #waiting: { readonly number: number; readonly sentAtMs: number } | undefined;
  #heard = true;
  #missed = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = options.clock.setInterval(() => this.#beat(), options.interval);
    this.#ping();
  }

  /** Something came from the other end. */
  heard(): void {
    this.#heard = true;
  }

  /** A ping was answered; any but the last one's answer comes too late to tell anything. */
  answered(number: number): void {
    if (this.#waiting?.number !== number) return;
    const rttMs = this.#options.clock.monotonicMs() - this.#waiting.sentAtMs;
    this.#waiting = undefined;
    this.#options.onRoundTrip(rttMs);
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #beat(): void {
    this.#missed = this.#heard ? 0 : this.#missed + 1;
    this.#heard = false;
    if (this.#waiting) this.#options.onLost();
    if (this.#missed >= MAX_MISSED_BEATS) this.#options.onDead();
    else this.#ping();
  }

  #ping(): void {
    this.#number += 1;
    this.#waiting = { number: this.#number, sentAtMs: this.#options.clock.monotonicMs() };
    this.#options.ping(this.#number);
  }
}
