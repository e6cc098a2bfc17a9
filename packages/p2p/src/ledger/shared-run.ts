import {
  abortedError,
  type Clock,
  type Deadline,
  deadline,
  type NetworkError,
  onAbort,
  type Timer,
} from "@net/core";
import { failure, type Outcome } from "../tools/outcome.ts";

/** How one call waits for a run. */
export interface LedgerWait {
  /** Aborts when the caller gives the call up: when nobody else waits, the run is aborted too. */
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms: then the caller gives it up, whether it can be reached or not. Default none. */
  readonly deadlineMs?: number | undefined;
  /** Aborts when the caller can no longer be reached: the run goes on, for the caller to come back and ask again. */
  readonly lost?: AbortSignal | undefined;
  /** Gets the progress from now on. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
}

interface Waiter {
  /** Whose call it was that started the run. */
  readonly isFirst: boolean;
  readonly limit: Deadline;
  readonly settle: (outcome: Outcome) => void;
  readonly onProgress: ((value: unknown) => void) | undefined;
}

export interface SharedRunOptions {
  readonly clock: Clock;
  /** How long it goes on at most after the last who waited was lost, in ms. */
  readonly orphanTimeout: number;
}

/** A run that one or more calls wait for. It is aborted only when nobody wants it any more. */
export class SharedRun {
  readonly #options: SharedRunOptions;
  readonly #controller = new AbortController();
  readonly #waiters = new Set<Waiter>();
  /** Until when somebody who was lost may still want the result. */
  #wantedUntilMs = 0;
  #orphaned: Timer | undefined;
  #joined = 0;

  constructor(options: SharedRunOptions) {
    this.#options = options;
  }

  /** Aborts when nobody waits for the run any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for the end, or until this caller gave up or was lost. */
  async join({ signal, deadlineMs, lost, onProgress }: LedgerWait): Promise<Outcome> {
    this.#orphaned?.cancel();
    using limit = deadline(deadlineMs, signal, { clock: this.#options.clock });
    const { promise, resolve: settle } = Promise.withResolvers<Outcome>();
    const waiter: Waiter = { isFirst: this.#joined === 0, limit, settle, onProgress };
    this.#joined += 1;
    this.#waiters.add(waiter);
    using _gaveUp = onAbort(limit.signal, () => this.#giveUp(waiter, abortedError(limit.signal)));
    using _lost = onAbort(lost, () => lost && this.#lose(waiter, abortedError(lost)));
    return await promise;
  }

  progress(value: unknown): void {
    for (const { onProgress } of this.#waiters) onProgress?.(value);
  }

  /** @param toOthers what those get who joined later. Default: the same. */
  end(outcome: Outcome, toOthers: Outcome = outcome): void {
    this.#orphaned?.cancel();
    for (const { settle, isFirst } of this.#waiters) settle(isFirst ? outcome : toOthers);
    this.#waiters.clear();
  }

  /** Ends it for everybody. */
  abort(reason: NetworkError): void {
    this.end(failure("given-up", reason));
    this.#controller.abort(reason);
  }

  #giveUp(waiter: Waiter, error: NetworkError): void {
    if (this.#leave(waiter, error)) this.#controller.abort(error);
  }

  #lose(waiter: Waiter, error: NetworkError): void {
    const { clock, orphanTimeout } = this.#options;
    const nowMs = clock.monotonicMs();
    const wantedMs = Math.min(orphanTimeout, waiter.limit.remainingMs());
    this.#wantedUntilMs = Math.max(this.#wantedUntilMs, nowMs + wantedMs);
    if (!this.#leave(waiter, error)) return;
    const abort = (): void => this.#controller.abort(error);
    const delay = this.#wantedUntilMs - nowMs;
    this.#orphaned = clock.setTimeout(abort, delay, { background: true });
  }

  /** Whether it was the last. */
  #leave(waiter: Waiter, error: NetworkError): boolean {
    if (!this.#waiters.delete(waiter)) return false;
    waiter.settle(failure("given-up", error));
    return this.#waiters.size === 0;
  }
}
