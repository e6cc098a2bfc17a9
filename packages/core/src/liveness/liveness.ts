import type { Clock, Timer } from "../clock.ts";
import { IdleTimer } from "./idle-timer.ts";

export interface LivenessOptions {
  readonly clock: Clock;
  /** How often to ask for a sign of life, in ms. */
  readonly period: number;
  /** How long without one is too long, in ms. */
  readonly timeout: number;
  /** Asks the other side for a sign of life: a ping. */
  readonly ask: () => void;
  /** Called once, when nothing was heard for the whole time-out. */
  readonly onSilence: () => void;
}

/**
 * Finds half-open connections, whose other side is gone without a word: asks regularly for a sign of life, and minds
 * when none comes. Dispose it when the connection ends; it does not keep a process alive.
 *
 * @example
 * ```ts
 * using liveness = new Liveness({ clock, period: 20_000, timeout: 45_000, ask: () => socket.ping(), onSilence: () => socket.terminate() });
 * socket.on("message", () => liveness.heard());
 * socket.on("pong", () => liveness.heard());
 * ```
 */
export class Liveness implements Disposable {
  readonly #options: LivenessOptions;
  readonly #asking: Timer;
  #silence: IdleTimer;
  /** Since when a question waits for its answer. */
  #askedMs: number | undefined;

  /** @throws ValidationError if the period is not a number, or the time-out not above 0. */
  constructor(options: LivenessOptions) {
    const { clock, period, timeout } = options;
    this.#options = options;
    this.#silence = this.#wait(timeout);
    this.#asking = clock.setInterval(() => this.#ask(), period, { background: true });
  }

  /** The other side lives. Costs a clock reading, not a timer. */
  heard(): void {
    this.#askedMs = undefined;
    this.#silence.touch();
  }

  /** While nothing is read, silence means nothing. It goes on asking, which keeps a path through a NAT open. */
  pause(): void {
    this.#silence.pause();
  }

  /** Reading goes on: the time counts from now. */
  resume(): void {
    this.#askedMs = undefined;
    this.#silence.resume();
  }

  [Symbol.dispose](): void {
    this.#asking.cancel();
    this.#silence[Symbol.dispose]();
  }

  #ask(): void {
    this.#askedMs ??= this.#options.clock.monotonicMs();
    this.#options.ask();
  }

  #wait(timeout: number): IdleTimer {
    const { clock } = this.#options;
    return new IdleTimer({ clock, timeout, onIdle: () => this.#silent() });
  }

  /**
   * Only a question without an answer is silence: the timers of a machine that slept, or of a page in the background,
   * which browsers let ring once a minute, come late and have asked nothing meanwhile. Where the other side speaks by
   * itself, the time-out may be shorter than the period, and counts alone.
   */
  #silent(): void {
    const { clock, period, timeout, onSilence } = this.#options;
    if (this.#askedMs === undefined) this.#ask();
    const waitedMs = clock.monotonicMs() - (this.#askedMs ?? 0);
    const leftMs = timeout - period - waitedMs;
    if (leftMs > 0) this.#silence = this.#wait(leftMs);
    else onSilence();
  }
}
