import { type Clock, IdleTimer, type Timer } from "@net/core";

/** What took too long: a whole try, an answer's head, or silence in its body. */
export type LatePhase = "attempt" | "headers" | "idle";

export interface PhaseTimersOptions {
  readonly clock: Clock;
  /** For the whole try, until its head, and between two pieces of its body, in ms; Infinity for none. */
  readonly attempt: number;
  readonly firstByte: number;
  readonly idle: number;
  readonly onLate: (phase: LatePhase, timeoutMs: number) => void;
}

const NEVER = Number.POSITIVE_INFINITY;

/** The limits of one try besides its call's deadline. */
export class PhaseTimers implements Disposable {
  readonly #options: PhaseTimersOptions;
  #attempt: Timer | undefined;
  #head: Timer | undefined;
  #idle: IdleTimer | undefined;

  /** Starts them, if there are any: most calls have none, and pay for none. */
  static start(options: PhaseTimersOptions): PhaseTimers | undefined {
    const { attempt, firstByte, idle } = options;
    const isNeeded = attempt !== NEVER || firstByte !== NEVER || idle !== NEVER;
    return isNeeded ? new PhaseTimers(options) : undefined;
  }

  private constructor(options: PhaseTimersOptions) {
    const { attempt, firstByte } = options;
    this.#options = options;
    if (attempt !== NEVER) this.#attempt = this.#limit("attempt", attempt);
    if (firstByte !== NEVER) this.#head = this.#limit("headers", firstByte);
  }

  /** The head is there. @param isOpenEnded the body may take any time: of the attempt nothing more is expected. */
  head(isOpenEnded: boolean): void {
    const { clock, idle, onLate } = this.#options;
    this.#head?.cancel();
    if (isOpenEnded) this.#attempt?.cancel();
    if (idle === NEVER) return;
    this.#idle = new IdleTimer({ clock, timeout: idle, onIdle: () => onLate("idle", idle) });
  }

  /** A piece of the body came. */
  touch(): void {
    this.#idle?.touch();
  }

  /** While its reader is slow, silence is not the server's. */
  pause(): void {
    this.#idle?.pause();
  }

  resume(): void {
    this.#idle?.resume();
  }

  [Symbol.dispose](): void {
    this.#attempt?.cancel();
    this.#head?.cancel();
    this.#idle?.[Symbol.dispose]();
  }

  #limit(phase: LatePhase, timeout: number): Timer {
    const { clock, onLate } = this.#options;
    return clock.setTimeout(() => onLate(phase, timeout), timeout);
  }
}
