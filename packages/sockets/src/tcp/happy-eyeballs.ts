import { abortedError, type Clock, linkSignals, onAbort, type Timer } from "@net/core";

/** RFC 8305 §5: the recommended Connection Attempt Delay, in ms. */
const ATTEMPT_DELAY = 250;

/** What can be tried, some of which may come later. */
export interface Candidates<Candidate> {
  /** The next one to try; undefined while there is none. */
  take(): Candidate | undefined;
  /** Whether no more come. */
  readonly isComplete: boolean;
  /** Calls back when some may have come, or no more will. */
  onChange(callback: () => void): void;
}

export interface RaceOptions<Result> {
  /** Ends what a loser opened before it learnt that it had lost. */
  readonly discard: (result: Result) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Tries candidates as RFC 8305 §5 says: the next one starts 250 ms after the one before, or as soon as one failed, or
 * came late; earlier attempts go on meanwhile. The first that succeeds wins and the others are aborted.
 *
 * @param attempt must end what it opened when its signal aborts.
 * @throws what the attempts threw, each in an AggregateError that is empty where there was no candidate.
 */
export async function raceAttempts<Candidate, Result>(
  candidates: Candidates<Candidate>,
  attempt: (candidate: Candidate, signal: AbortSignal) => Promise<Result>,
  options: RaceOptions<Result>,
): Promise<Result> {
  using race = new Race(candidates, attempt, options);
  return await race.run();
}

class Race<Candidate, Result> implements Disposable {
  readonly #candidates: Candidates<Candidate>;
  readonly #attempt: (candidate: Candidate, signal: AbortSignal) => Promise<Result>;
  readonly #options: RaceOptions<Result>;
  readonly #losers;
  readonly #won = Promise.withResolvers<Result>();
  readonly #errors: unknown[] = [];
  #running = 0;
  /** Until the next attempt may start. */
  #delay: Timer | undefined;
  #isOver = false;

  constructor(
    candidates: Candidates<Candidate>,
    attempt: (candidate: Candidate, signal: AbortSignal) => Promise<Result>,
    options: RaceOptions<Result>,
  ) {
    this.#candidates = candidates;
    this.#attempt = attempt;
    this.#options = options;
    this.#losers = linkSignals([options.signal]);
  }

  async run(): Promise<Result> {
    const { signal } = this.#options;
    using _abort = onAbort(signal, () => signal && this.#won.reject(abortedError(signal)));
    this.#candidates.onChange(() => {
      if (!this.#delay) this.#startNext();
    });
    this.#startNext();
    return await this.#won.promise;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#delay?.cancel();
    this.#losers[Symbol.dispose]();
  }

  #startNext(): void {
    this.#delay?.cancel();
    this.#delay = undefined;
    if (this.#isOver || this.#losers.signal.aborted) return;
    const candidate = this.#candidates.take();
    if (candidate === undefined) {
      this.#endIfAllFailed();
      return;
    }
    this.#running++;
    this.#attempt(candidate, this.#losers.signal).then(
      (result) => this.#succeeded(result),
      (error: unknown) => this.#failed(error),
    );
    this.#delay = this.#options.clock.setTimeout(() => this.#startNext(), ATTEMPT_DELAY);
  }

  #succeeded(result: Result): void {
    if (this.#losers.signal.aborted) this.#options.discard(result);
    this.#won.resolve(result);
    this.#losers.abort();
  }

  #failed(error: unknown): void {
    this.#running--;
    this.#errors.push(error);
    this.#startNext();
  }

  #endIfAllFailed(): void {
    if (this.#running > 0 || !this.#candidates.isComplete) return;
    this.#won.reject(new AggregateError(this.#errors, "every address failed"));
  }
}
