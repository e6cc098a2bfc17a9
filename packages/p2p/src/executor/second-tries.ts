import type { ExecutionParts } from "./execution-parts.ts";
import type { Task } from "./task.ts";

/** Why another peer is asked too: the first one fell silent, or is late. */
export type SecondTry = "cover" | "hedge";

/** Watches a try of a call that may be repeated, and asks for a second one at another peer when it does not go well. */
export class SecondTries {
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

  /** Watches a try at that peer, until the result is disposed of. */
  watch(peerId: string, ask: (why: SecondTry) => void): Disposable {
    const silence = this.#silence(peerId, ask);
    const lateness = this.#lateness(ask);
    const slowness = this.#slowness(ask);
    return {
      [Symbol.dispose]: () => {
        silence?.[Symbol.dispose]();
        lateness?.[Symbol.dispose]();
        slowness?.[Symbol.dispose]();
      },
    };
  }

  /** As soon as the peer falls silent. */
  #silence(peerId: string, ask: (why: SecondTry) => void): Disposable | undefined {
    return this.#parts.network()?.onSuspect?.(peerId, () => {
      if (this.mayRepeat()) ask("cover");
    });
  }

  /**
   * Suspicion may take longer than the caller has: half-way to the deadline, if there is reason to think that another peer
   * would be in time.
   */
  #lateness(ask: (why: SecondTry) => void): Disposable | undefined {
    const { clock, hedging, budget } = this.#parts;
    const halfMs = this.#task.limit.remainingMs() / 2;
    if (halfMs === Number.POSITIVE_INFINITY) return undefined;
    const p95Ms = hedging.p95Ms(this.#task.toolName);
    if (p95Ms === undefined || p95Ms > halfMs) return undefined;
    return clock.setTimeout(() => {
      if (budget.tryTake()) ask("cover");
    }, halfMs);
  }

  /** When it takes longer than most, once for each call, and if the caller asked for it. */
  #slowness(ask: (why: SecondTry) => void): Disposable | undefined {
    const { clock, hedging } = this.#parts;
    if (this.#hedgeAfter === undefined || this.#hedged) return undefined;
    return clock.setTimeout(() => {
      if (!hedging.tryTake()) return;
      this.#hedged = true;
      ask("hedge");
    }, this.#hedgeAfter);
  }
}
