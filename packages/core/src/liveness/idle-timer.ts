import type { Clock, Timer } from "../clock.ts";
import { ValidationError } from "../errors/kinds.ts";

export interface IdleTimerOptions {
  readonly clock: Clock;
  /** How long without a touch is idle, in ms; Infinity never is. */
  readonly timeout: number;
  /** Called once, when that time has passed. */
  readonly onIdle: () => void;
}

/**
 * Rings once nothing was touched for a while, and not again. A touch costs a clock reading, not a timer, so that it
 * can be made for every message. It does not keep a process alive.
 *
 * @example
 * ```ts
 * using idle = new IdleTimer({ clock, timeout: 30_000, onIdle: () => socket.destroy() });
 * socket.on("data", () => idle.touch());
 * ```
 */
export class IdleTimer implements Disposable {
  readonly #options: IdleTimerOptions;
  #touchedMs = 0;
  #timer: Timer | undefined;
  #isPaused = false;
  #isOver = false;

  /** Counts from now. @throws ValidationError unless the time-out is above 0. */
  constructor(options: IdleTimerOptions) {
    if (!(options.timeout > 0)) {
      throw new ValidationError(`an idle time-out must be above 0, not ${options.timeout}`);
    }
    this.#options = options;
    this.#start();
  }

  /** The time counts from now. */
  touch(): void {
    this.#touchedMs = this.#options.clock.monotonicMs();
  }

  /** While nobody listens, silence means nothing. */
  pause(): void {
    this.#isPaused = true;
    this.#timer?.cancel();
  }

  /** The time counts from now, if it was paused. */
  resume(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    this.#start();
  }

  /** It rings no more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #start(): void {
    this.touch();
    if (Number.isFinite(this.#options.timeout)) this.#arm(this.#options.timeout);
  }

  #arm(delay: number): void {
    const { clock } = this.#options;
    this.#timer = clock.setTimeout(() => this.#check(), delay, { background: true });
  }

  #check(): void {
    const { clock, timeout, onIdle } = this.#options;
    const leftMs = this.#touchedMs + timeout - clock.monotonicMs();
    if (leftMs > 0) {
      this.#arm(leftMs);
      return;
    }
    this.#isOver = true;
    onIdle();
  }
}
