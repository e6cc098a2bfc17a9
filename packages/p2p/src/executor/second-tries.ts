import type { ExecutionParts } from "./execution-parts.ts";
import type { Task } from "./task.ts";

/** Why another peer is asked too: the first one fell silent, or is late. */
export type SecondTry = "cover" | "hedge";

/** Asks for a second try. */
export type AskSecond = (why: SecondTry) => void;

/** Watches a try of a call that may be repeated, and asks for a second one at another peer when it does not go well. */
export class SecondTries {
  /** Whether some try had a result: what has none now was outrun. */
  isAnswered = false;
  readonly #parts: ExecutionParts;
  readonly #task: Task;
  readonly #hedgeAfter: number | undefined;
  #hedged = false;
  #repeats = 0;

  /** @throws ValidationError for the hedge's options. */
  constructor(parts: ExecutionParts, task: Task) {
    const { toolName, options } = task;
    this.#parts = parts;
    this.#task = task;
    this.#hedgeAfter = parts.hedging.begin(toolName, options.hedge);
  }

  /** Whether the call was, or is about to be, given to a second peer though it may have run at the first. */
  get isRepeated(): boolean {
    return this.#repeats > 0 || this.#hedged;
  }

  get isHedged(): boolean {
    return this.#hedged;
  }

  /** The first repetition is free; more of them, when much fails at the same time, are limited by the budget of all calls. */
  mayRepeat(): boolean {
    this.#repeats += 1;
    return this.#repeats === 1 || this.#parts.budget.tryTake();
  }

  /** Watches a try at that peer, until the result is disposed of: its silence, its slowness, and half of the time that is left. */
  watch(peerId: string, ask: AskSecond): Disposable {
    const watches = [this.watchSilence(peerId, ask), this.watchSlowness(ask), this.#halfTime(ask)];
    return {
      [Symbol.dispose]: () => {
        for (const watch of watches) watch?.[Symbol.dispose]();
      },
    };
  }

  /** Asks as soon as the peer falls silent. */
  watchSilence(peerId: string, ask: AskSecond): Disposable | undefined {
    return this.#parts.network()?.onSuspect?.(peerId, () => {
      if (this.mayRepeat()) ask("cover");
    });
  }

  /** Asks when the try takes longer than most, once for each call, and if the caller wanted that. */
  watchSlowness(ask: AskSecond): Disposable | undefined {
    const { clock, hedging } = this.#parts;
    if (this.#hedgeAfter === undefined || this.#hedged) return undefined;
    return clock.setTimeout(() => {
      if (!hedging.tryTake()) return;
      this.#hedged = true;
      ask("hedge");
    }, this.#hedgeAfter);
  }

  /**
   * Suspicion may take longer than the caller has: at half-time another peer is asked, if there is reason to think that it
   * would be in time.
   */
  atHalfTime(ask: AskSecond): void {
    const p95Ms = this.#parts.hedging.p95Ms(this.#task.toolName);
    if (p95Ms === undefined || p95Ms > this.#task.limit.remainingMs()) return;
    if (this.#parts.budget.tryTake()) ask("cover");
  }

  #halfTime(ask: AskSecond): Disposable | undefined {
    const halfMs = this.#task.limit.remainingMs() / 2;
    if (halfMs === Number.POSITIVE_INFINITY) return undefined;
    return this.#parts.clock.setTimeout(() => this.atHalfTime(ask), halfMs);
  }
}
