import type { Clock, Timer } from "../clock.ts";
import { ValidationError } from "../errors/kinds.ts";

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
  #heardMs: number;
  /** Since when a question waits for its answer. */
  #askedMs: number | undefined;
  /** There only while silence may become too long before the next question: mostly it does not. */
  #deadline: Timer | undefined;
  #isPaused = false;
  #isOver = false;

  /** @throws ValidationError if the period is not a number, or the time-out not above 0. */
  constructor(options: LivenessOptions) {
    const { clock, period, timeout } = options;
    if (!(timeout > 0)) {
      throw new ValidationError(`an idle time-out must be above 0, not ${timeout}`);
    }
    this.#options = options;
    this.#heardMs = clock.monotonicMs();
    this.#watch();
    this.#asking = clock.setInterval(() => this.#askAndWatch(), period, { background: true });
  }

  /** The other side lives. Costs a clock reading, not a timer. */
  heard(): void {
    this.#askedMs = undefined;
    this.#heardMs = this.#options.clock.monotonicMs();
  }

  /** While nothing is read, silence means nothing. It goes on asking, which keeps a path through a NAT open. */
  pause(): void {
    this.#isPaused = true;
    this.#stopWatching();
  }

  /** Reading goes on: the time counts from now. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.heard();
    this.#watch();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#asking.cancel();
    this.#stopWatching();
  }

  #askAndWatch(): void {
    this.#ask();
    this.#watch();
  }

  #ask(): void {
    this.#askedMs ??= this.#options.clock.monotonicMs();
    this.#options.ask();
  }

  #watch(): void {
    const { clock, period, timeout } = this.#options;
    const leftMs = this.#heardMs + timeout - clock.monotonicMs();
    if (leftMs <= period) this.#checkIn(leftMs);
  }

  #checkIn(delay: number): void {
    if (this.#deadline || this.#isPaused || this.#isOver) return;
    const check = (): void => {
      this.#deadline = undefined;
      this.#check();
    };
    this.#deadline = this.#options.clock.setTimeout(check, delay, { background: true });
  }

  #stopWatching(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
  }

  #check(): void {
    const { clock, timeout } = this.#options;
    if (clock.monotonicMs() - this.#heardMs < timeout) this.#watch();
    else this.#silent();
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
    if (leftMs > 0) this.#checkIn(leftMs);
    else this.#giveUp(onSilence);
  }

  #giveUp(onSilence: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    onSilence();
  }
}
