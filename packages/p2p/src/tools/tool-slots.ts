import {
  abortedError,
  type Clock,
  type Deadline,
  OverloadedError,
  onAbort,
  throwIfAborted,
} from "@net/core";

/** How many calls wait unless a tool says otherwise: so many for each that runs … */
const QUEUE_FACTOR = 4;
/** … but no more than this. */
const MAX_DEFAULT_QUEUE = 1_024;
/** How much the newest call moves the expectation of how long one takes. */
const WEIGHT = 0.2;

export interface ToolSlotsOptions {
  /** Of what, for messages. */
  readonly name: string;
  readonly concurrency: number;
  /** Default 4 × `concurrency`, at most 1024. */
  readonly queue?: number | undefined;
  readonly clock: Clock;
}

/** A place for a call that runs. */
export class Slot {
  readonly #startMs: number;
  readonly #clock: Clock;
  readonly #onFree: (tookMs: number) => void;

  /** @param onFree is told how long it was taken. */
  constructor(clock: Clock, onFree: (tookMs: number) => void) {
    this.#startMs = clock.monotonicMs();
    this.#clock = clock;
    this.#onFree = onFree;
  }

  /** The call has come to its end; the place goes to whoever waits longest. */
  free(): void {
    this.#onFree(this.#clock.monotonicMs() - this.#startMs);
  }
}

/** The places of one tool, and the queue before them. Whoever cannot be served in time is told at once. */
export class ToolSlots {
  readonly #name: string;
  readonly #concurrency: number;
  readonly #queue: number;
  readonly #clock: Clock;
  /** In the order they came: a set keeps it, and lets go of anyone in constant time. */
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  readonly #onFree = (tookMs: number): void => this.#free(tookMs);
  #running = 0;
  #durationMs: number | undefined;

  constructor({ name, concurrency, queue, clock }: ToolSlotsOptions) {
    this.#name = name;
    this.#concurrency = concurrency;
    this.#queue = queue ?? Math.min(QUEUE_FACTOR * concurrency, MAX_DEFAULT_QUEUE);
    this.#clock = clock;
  }

  /** A place, if one is free. */
  tryTake(): Slot | undefined {
    if (this.#running >= this.#concurrency) return undefined;
    this.#running += 1;
    return this.#slot();
  }

  /**
   * A place when it is this call's turn.
   *
   * @throws OverloadedError, with `retryAfterMs` in its details where that can be told; AbortedError,
   *   NetworkTimeoutError `DEADLINE_EXCEEDED` if the call ended before its turn.
   */
  async wait(limit: Deadline): Promise<Slot> {
    throwIfAborted(limit.signal);
    this.#assertServable(limit.remainingMs());
    const turn = Promise.withResolvers<void>();
    this.#waiting.add(turn);
    using _listener = onAbort(limit.signal, () => {
      // Once it was its turn, the place is the call's, which sees the signal itself.
      if (this.#waiting.delete(turn)) turn.reject(abortedError(limit.signal));
    });
    await turn.promise;
    return this.#slot();
  }

  #slot(): Slot {
    return new Slot(this.#clock, this.#onFree);
  }

  #assertServable(remainingMs: number): void {
    const waitMs = this.#expectedWaitMs();
    if (this.#waiting.size >= this.#queue) {
      const waiting = this.#queue > 0 ? ` and ${this.#queue} wait` : "";
      throw overloaded(`${this.#concurrency} calls of ${this.#name} are running${waiting}`, waitMs);
    }
    if (waitMs !== undefined && waitMs > remainingMs) {
      throw overloaded(
        `the turn of this call of ${this.#name} would come after its deadline`,
        waitMs,
      );
    }
  }

  /** How long one more in the queue would wait; undefined before the first call came to its end. */
  #expectedWaitMs(): number | undefined {
    if (this.#durationMs === undefined) return undefined;
    return Math.ceil(((this.#waiting.size + 1) * this.#durationMs) / this.#concurrency);
  }

  #free(tookMs: number): void {
    const known = this.#durationMs;
    this.#durationMs = known === undefined ? tookMs : known + WEIGHT * (tookMs - known);
    const [next] = this.#waiting;
    if (!next) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.resolve();
  }
}

function overloaded(message: string, retryAfterMs: number | undefined): OverloadedError {
  return new OverloadedError(
    message,
    retryAfterMs === undefined ? {} : { details: { retryAfterMs } },
  );
}
