import { AbortedError, type Clock, type RetryBudget, ValidationError } from "@net/core";
import type { Call } from "../call/call.ts";
import type { Answer } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";
import { retryAfterMsOf } from "./pushback.ts";
import type { Sender } from "./send.ts";

export interface HedgeOptions {
  /** A request that is not answered after so many ms is sent once more, and the first good answer taken. */
  readonly delay: number;
  /** How many besides the first. Default 1, at most 4. */
  readonly max?: number | undefined;
}

/** gRPC's limit of attempts (A6, "gRPC Retry Design"), the first among them. */
const MAX_HEDGES = 4;

/**
 * Sends slow requests again before the first has failed, and takes the first good answer; the others are ended. Only
 * what may be sent twice, and whose answer is not a stream; each costs a token of the origin's retry budget. A server
 * that says when to come back gets no more of them.
 */
export function hedging(next: Sender, options: HedgeOptions, clock: Clock): Sender {
  const { delay, max = 1 } = options;
  if (!(delay >= 0)) throw new ValidationError(`hedge.delay must be 0 ms or more, not ${delay}`);
  if (!Number.isInteger(max) || max < 1 || max > MAX_HEDGES) {
    throw new ValidationError(`hedge.max must be from 1 to ${MAX_HEDGES}, not ${max}`);
  }
  return (call, send) => {
    const { retry, isStream } = call.settings;
    const mayRepeat = retry.methods.has(send.method) && send.body?.isReplayable !== false;
    if (isStream || !mayRepeat) return next(call, send);
    const budget = retry.budgetOf?.(send.target.origin);
    return new Race(next, call, send, { delay, max, clock, budget }).outcome;
  };
}

interface RaceOptions {
  readonly delay: number;
  readonly max: number;
  readonly clock: Clock;
  readonly budget: RetryBudget | undefined;
}

class Race {
  readonly #next: Sender;
  readonly #call: Call;
  readonly #send: Send;
  readonly #options: RaceOptions;
  readonly #runners = new Set<Call>();
  readonly #result = Promise.withResolvers<Answer>();
  #left: number;
  #timer: Disposable | undefined;

  constructor(next: Sender, call: Call, send: Send, options: RaceOptions) {
    this.#next = next;
    this.#call = call;
    this.#send = send;
    this.#options = options;
    this.#left = options.max;
    this.#start();
  }

  get outcome(): Promise<Answer> {
    return this.#result.promise;
  }

  #start(): void {
    const runner = this.#call.fork();
    this.#runners.add(runner);
    this.#next(runner, this.#send).then(
      (answer) => this.#answered(runner, answer),
      (error: unknown) => this.#failed(runner, error),
    );
    this.#waitForNext();
  }

  #waitForNext(): void {
    if (this.#left === 0) return;
    const { clock, delay } = this.#options;
    this.#timer = clock.setTimeout(() => this.#hedge(), delay);
  }

  #hedge(): void {
    if (this.#call.failure || this.#options.budget?.tryTake() === false) return;
    this.#left--;
    this.#start();
  }

  #answered(runner: Call, answer: Answer): void {
    const isGood = !this.#call.settings.retry.isTransient(answer.status);
    const isPushback = retryAfterMsOf(answer.headers, this.#options.clock.nowMs()) !== undefined;
    this.#leave(runner);
    if (isGood || isPushback || this.#runners.size === 0)
      this.#end(() => this.#result.resolve(answer));
  }

  #failed(runner: Call, error: unknown): void {
    this.#leave(runner);
    if (this.#runners.size === 0) this.#end(() => this.#result.reject(error));
  }

  #leave(runner: Call): void {
    this.#runners.delete(runner);
    this.#call.join(runner);
  }

  #end(settle: () => void): void {
    this.#timer?.[Symbol.dispose]();
    settle();
    for (const loser of [...this.#runners]) loser.fail(new AbortedError("another was quicker"));
  }
}
