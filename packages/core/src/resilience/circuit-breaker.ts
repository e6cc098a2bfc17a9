import { type Clock, systemClock } from "../clock.ts";
import { CircuitOpenError, ValidationError } from "../errors/kinds.ts";
import { assertPositive, assertRatio } from "../numbers.ts";
import { SlidingCount } from "./sliding-count.ts";

/**
 * `closed`: calls pass. `open`: none does. `half-open`: some do, to see whether it works again.
 */
export type CircuitState = "closed" | "open" | "half-open";

export interface CircuitBreakerOptions {
  /** Opens when this share of the calls in the window failed. Default 0.5. */
  readonly failureRatio?: number | undefined;
  /** …if there were at least so many of them. Default 10. */
  readonly minimumCalls?: number | undefined;
  /** How long a call counts, in ms. Default 30,000. */
  readonly window?: number | undefined;
  /** How long it stays open before it probes, in ms. Default 15,000. */
  readonly openFor?: number | undefined;
  /** Calls that may pass, and must succeed, to close it again. Default 1. */
  readonly probes?: number | undefined;
  /** Called after each change. */
  readonly onChange?: ((state: CircuitState) => void) | undefined;
  /** What stands behind it, for messages: "api.example.com". */
  readonly name?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** Leave to make one call; say once how it went. */
export interface CircuitPermit {
  succeeded(): void;
  failed(): void;
  /** It says nothing about the other side: the caller gave it up, or asked for what cannot be. */
  ignored(): void;
}

/** @param failed undefined: it says nothing. */
type PermitEnd = (era: number, failed: boolean | undefined) => void;

/** One object for each call: there are many. Only the first ending counts. */
class Permit implements CircuitPermit {
  readonly #era: number;
  #end: PermitEnd | undefined;

  constructor(era: number, end: PermitEnd) {
    this.#era = era;
    this.#end = end;
  }

  succeeded(): void {
    this.#over(false);
  }

  failed(): void {
    this.#over(true);
  }

  ignored(): void {
    this.#over(undefined);
  }

  #over(failed: boolean | undefined): void {
    const end = this.#end;
    this.#end = undefined;
    end?.(this.#era, failed);
  }
}

/**
 * Stops calling what fails, and finds out by itself when it works again (Nygard, "Release It!", 2007): callers fail at
 * once instead of waiting, and the other side is left in peace to recover.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker({ name: "api.example.com" });
 * const answer = await breaker.run(() => ask());
 * ```
 */
export class CircuitBreaker {
  readonly #failureRatio: number;
  readonly #minimumCalls: number;
  readonly #openFor: number;
  readonly #probes: number;
  readonly #name: string | undefined;
  readonly #onChange: ((state: CircuitState) => void) | undefined;
  readonly #clock: Clock;
  readonly #callsAndFailures: SlidingCount;
  #state: CircuitState = "closed";
  #openUntilMs = 0;
  #probing = 0;
  #probed = 0;
  /** Counts the changes: an answer to a call from before a change no longer counts. */
  #era = 0;
  readonly #end: PermitEnd = (era, failed) => {
    if (era === this.#era) this.#record(failed);
  };

  /** @throws ValidationError if an option is out of range. */
  constructor(options: CircuitBreakerOptions = {}) {
    const { failureRatio = 0.5, minimumCalls = 10, probes = 1, clock = systemClock } = options;
    this.#failureRatio = assertRatio(failureRatio, "failureRatio");
    this.#minimumCalls = assertCount(minimumCalls, "minimumCalls");
    this.#probes = assertCount(probes, "probes");
    this.#openFor = assertPositive(options.openFor ?? 15_000, "openFor");
    this.#name = options.name;
    this.#onChange = options.onChange;
    this.#clock = clock;
    const window = assertPositive(options.window ?? 30_000, "window");
    this.#callsAndFailures = new SlidingCount(clock, window);
  }

  get state(): CircuitState {
    if (this.#state === "open" && this.#clock.monotonicMs() >= this.#openUntilMs) {
      this.#change("half-open");
    }
    return this.#state;
  }

  /**
   * Leave for one call.
   *
   * @throws CircuitOpenError while it is open, or all probes are under way; `details.retryAfterMs` says for how long.
   */
  enter(): CircuitPermit {
    const { state } = this;
    if (state === "open" || (state === "half-open" && this.#probing >= this.#probes)) {
      throw this.#refusal();
    }
    if (state === "half-open") this.#probing++;
    return new Permit(this.#era, this.#end);
  }

  /**
   * Calls `fn`, if it may; a rejection is a failure, unless `isFailure` says otherwise.
   *
   * @throws CircuitOpenError
   */
  async run<T>(
    fn: () => PromiseLike<T> | T,
    isFailure: (error: unknown) => boolean = () => true,
  ): Promise<T> {
    const permit = this.enter();
    try {
      const value = await fn();
      permit.succeeded();
      return value;
    } catch (error) {
      if (isFailure(error)) permit.failed();
      else permit.ignored();
      throw error;
    }
  }

  /** @param failed undefined: it says nothing. */
  #record(failed: boolean | undefined): void {
    if (failed === undefined) this.#freeProbe();
    else if (this.#state === "half-open") this.#recordProbe(failed);
    else this.#recordCall(failed);
  }

  #recordProbe(failed: boolean): void {
    if (failed) this.#open();
    else if (++this.#probed >= this.#probes) this.#change("closed");
    else this.#freeProbe();
  }

  #recordCall(failed: boolean): void {
    this.#callsAndFailures.add(1, failed ? 1 : 0);
    if (!failed) return;
    const { first: calls, second: failures } = this.#callsAndFailures;
    if (calls >= this.#minimumCalls && failures / calls >= this.#failureRatio) this.#open();
  }

  #freeProbe(): void {
    if (this.#probing > 0) this.#probing--;
  }

  #open(): void {
    this.#openUntilMs = this.#clock.monotonicMs() + this.#openFor;
    this.#change("open");
  }

  #change(state: CircuitState): void {
    this.#state = state;
    this.#era++;
    this.#probing = 0;
    this.#probed = 0;
    this.#callsAndFailures.clear();
    this.#onChange?.(state);
  }

  #refusal(): CircuitOpenError {
    const where = this.#name === undefined ? "" : ` to ${this.#name}`;
    const waitMs = Math.max(0, this.#openUntilMs - this.#clock.monotonicMs());
    return new CircuitOpenError(`the circuit${where} is open: recent calls failed`, {
      details: { retryAfterMs: Math.ceil(waitMs) },
    });
  }
}

function assertCount(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ValidationError(`${what} must be a whole number of 1 or more, not ${value}`);
}
