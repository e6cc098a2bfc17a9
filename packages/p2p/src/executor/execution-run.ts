import { type NetworkError, sleep, throwIfAborted } from "@net/core";
import { retryOptions } from "@net/qos";
import { callError } from "../calls/tool-call.ts";
import type { Outcome } from "../tools/outcome.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { type LaneEnd, Lanes } from "./lanes.ts";
import { isBarred, nextMove } from "./next-move.ts";
import { type Asker, KeyedRecovery } from "./recovery.ts";
import type { Seat } from "./seats.ts";
import type { Task } from "./task.ts";

/** Why a lane was opened: it is the first, takes the place of one whose peer fell silent, or is a second try at a slow one. */
type LaneKind = "first" | "cover" | "hedge";

/**
 * One execution: tries at one peer after the other, or at several at the same time, until there is a result, nobody is left
 * who may be asked, or it may not be tried again.
 */
export class ExecutionRun implements Asker {
  readonly #parts: ExecutionParts;
  readonly #task: Task;
  readonly #recovery: KeyedRecovery;
  /** Peers that were asked in this round, */
  readonly #tried = new Set<string>();
  /** and those that will never do it. */
  readonly #barred = new Set<string>();
  #hedgeAfter: number | undefined;
  #attempts = 0;
  #repeats = 0;

  /** @throws ValidationError for the hedge's options. */
  constructor(parts: ExecutionParts, task: Task) {
    const { toolName, options } = task;
    this.#parts = parts;
    this.#task = task;
    this.#hedgeAfter = parts.hedging.begin(toolName, options.hedge);
    this.#recovery = new KeyedRecovery(parts, task, this);
  }

  /** @throws NetworkError */
  async run(): Promise<Execution> {
    const { signal } = this.#task.limit;
    for (let round = 1; ; round++) {
      throwIfAborted(signal);
      using lanes = new Lanes(signal);
      lanes.open(() => this.#start(lanes));
      const end = await lanes.result;
      if (end.ok) return end.execution;
      if (end.final || !(await this.#mayStartAnew(round, end.error))) throw end.error;
    }
  }

  /** What the caller is told of the end of its own limit. */
  explain(error: unknown): unknown {
    return this.#recovery.explain(error);
  }

  /** Makes one try. */
  async make(peerId: string, { signal }: Lanes): Promise<Outcome> {
    const { tries, clock, hedging } = this.#parts;
    this.#attempts += 1;
    const startMs = clock.monotonicMs();
    const outcome = await tries.make(this.#task, { peerId, attempt: this.#attempts, signal });
    const outrun = signal.aborted && !this.#task.limit.signal.aborted;
    if (outcome.ok || outcome.fate === "failed" || outrun) {
      hedging.record(this.#task.toolName, clock.monotonicMs() - startMs);
    }
    return outcome;
  }

  /** What the caller gets. */
  won(executedOn: string, value: unknown): LaneEnd {
    return { ok: true, execution: { value, executedOn, attempts: this.#attempts } };
  }

  async #start(lanes: Lanes): Promise<LaneEnd> {
    const place = this.#recovery.place();
    return place ? await this.#recovery.askAgain(place, lanes) : await this.#lane("first", lanes);
  }

  /** By the policy of the message type, and as far as the budget goes. */
  async #mayStartAnew(round: number, error: NetworkError): Promise<boolean> {
    const { clock, rng, budget, counter, network } = this.#parts;
    const { limit } = this.#task;
    const { retries, backoff } = retryOptions(network()?.retryPolicy?.());
    if (round > retries || !error.retryable || limit.signal.aborted) return false;
    const delayMs = Math.max(backoff(round, rng), retryAfterMs(error));
    if (delayMs >= limit.remainingMs() || !budget.tryTake()) return false;
    await sleep(delayMs, { signal: limit.signal, clock });
    counter.count("retries");
    this.#tried.clear();
    for (const peerId of this.#barred) this.#tried.add(peerId);
    return true;
  }

  /** Asks peers, one after the other. */
  async #lane(kind: LaneKind, lanes: Lanes): Promise<LaneEnd> {
    let last: NetworkError | undefined;
    for (let asked = 0; asked === 0 || kind !== "hedge"; asked++) {
      const seat = await this.#take(kind, lanes);
      if (!("peer" in seat)) return failed(last ?? seat, false);
      const { peerId } = seat.peer;
      if (asked > 0 || kind === "cover") this.#parts.counter.count("failovers");
      const outcome = await this.#ask(seat, kind, lanes);
      if (outcome.ok) {
        if (kind === "hedge") this.#parts.counter.count("hedgesWon");
        return this.won(peerId, outcome.value);
      }
      const end = await this.#afterFailure(peerId, outcome, lanes);
      if (end.ok || end.final) return end;
      last = moreHopeful(last, end.error);
    }
    return failed(last as NetworkError, false);
  }

  async #take(kind: LaneKind, { signal }: Lanes): Promise<Seat | NetworkError> {
    return await this.#parts.seats.take(this.#task, {
      ...{ exclude: this.#tried, signal, wait: kind !== "hedge" },
      onlyRepeatable: this.#repeats > 0 || kind !== "first",
    });
  }

  async #ask(seat: Seat, kind: LaneKind, lanes: Lanes): Promise<Outcome> {
    const { peerId, local } = seat.peer;
    const repeatable = this.#parts.choice.isRepeatable(peerId, this.#task);
    this.#tried.add(peerId);
    if (!repeatable) this.#recovery.sent(peerId);
    using _cover = repeatable && !local ? this.#coverSuspect(peerId, lanes) : undefined;
    using _late = repeatable ? this.#coverLate(lanes) : undefined;
    using _hedge = repeatable && kind === "first" ? this.#hedgeSlow(lanes) : undefined;
    const outcome = await this.make(peerId, lanes);
    seat.leave(outcome);
    return outcome;
  }

  async #afterFailure(
    peerId: string,
    outcome: Outcome & { readonly ok: false },
    lanes: Lanes,
  ): Promise<LaneEnd> {
    const repeatable = this.#parts.choice.isRepeatable(peerId, this.#task);
    const keyed = this.#task.options.idempotencyKey !== undefined;
    if (isBarred(outcome)) this.#barred.add(peerId);
    if (outcome.fate === "not-run") this.#recovery.notRun();
    const move = nextMove(outcome, { repeatable, keyed });
    if (move === "ask-again") return await this.#recovery.askSame(peerId, outcome.error, lanes);
    const stays = move === "stop" || (outcome.fate === "lost" && !this.#mayRepeat());
    return failed(callError(peerId, outcome, repeatable), stays);
  }

  /** The first repetition is free; more of them, when much fails at the same time, are limited by the budget of all calls. */
  #mayRepeat(): boolean {
    this.#repeats += 1;
    return this.#repeats === 1 || this.#parts.budget.tryTake();
  }

  /** As soon as the peer falls silent, another one is asked too; whoever answers first wins. */
  #coverSuspect(peerId: string, lanes: Lanes): Disposable | undefined {
    return this.#parts.network()?.onSuspect?.(peerId, () => {
      if (this.#mayRepeat()) lanes.open(() => this.#lane("cover", lanes));
    });
  }

  /**
   * Suspicion may take longer than the caller has: half-way to the deadline another peer is asked too, if there is reason to
   * think that it would be in time.
   */
  #coverLate(lanes: Lanes): Disposable | undefined {
    const { clock, hedging, budget } = this.#parts;
    const halfMs = this.#task.limit.remainingMs() / 2;
    const p95Ms = hedging.p95Ms(this.#task.toolName);
    if (p95Ms === undefined || p95Ms > halfMs || halfMs === Number.POSITIVE_INFINITY)
      return undefined;
    return clock.setTimeout(() => {
      if (budget.tryTake()) lanes.open(() => this.#lane("cover", lanes));
    }, halfMs);
  }

  #hedgeSlow(lanes: Lanes): Disposable | undefined {
    const { clock, hedging, counter } = this.#parts;
    const after = this.#hedgeAfter;
    if (after === undefined) return undefined;
    this.#hedgeAfter = undefined;
    return clock.setTimeout(() => {
      if (!hedging.tryTake()) return;
      counter.count("hedges");
      lanes.open(() => this.#lane("hedge", lanes));
    }, after);
  }
}

function failed(error: NetworkError, final: boolean): LaneEnd {
  return { ok: false, error, final };
}

/** What one peer refuses for good another one may do later; of two alike, the newer. */
function moreHopeful(one: NetworkError | undefined, other: NetworkError): NetworkError {
  return one?.retryable && !other.retryable ? one : other;
}

/** What a peer that is full, or slows its callers down, asked for. */
function retryAfterMs({ details }: NetworkError): number {
  return typeof details.retryAfterMs === "number" ? details.retryAfterMs : 0;
}
