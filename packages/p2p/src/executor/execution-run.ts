import { type NetworkError, sleep } from "@net/core";
import { retryOptions } from "@net/qos";
import { callError } from "../calls/tool-call.ts";
import type { Failure, Outcome } from "../tools/outcome.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { type LaneEnd, Lanes } from "./lanes.ts";
import { isBarred, nextMove } from "./next-move.ts";
import { type Asker, KeyedRecovery } from "./recovery.ts";
import type { Seat, Seats } from "./seats.ts";
import { SecondTries, type SecondTry } from "./second-tries.ts";
import type { Task } from "./task.ts";

/** Why a lane was opened. */
type LaneKind = "first" | SecondTry;

/**
 * One execution: tries at one peer after the other, or at several at the same time, until there is a result, nobody is left
 * who may be asked, or it may not be tried again.
 */
export class ExecutionRun implements Asker {
  readonly #parts: ExecutionParts;
  readonly #task: Task;
  readonly #recovery: KeyedRecovery;
  readonly #seconds: SecondTries;
  /** Peers that were asked in this round, */
  readonly #tried = new Set<string>();
  /** and those that will never do it. */
  readonly #barred = new Set<string>();
  #attempts = 0;

  /** @throws ValidationError for the hedge's options. */
  constructor(parts: ExecutionParts, task: Task) {
    this.#parts = parts;
    this.#task = task;
    this.#seconds = new SecondTries(parts, task);
    this.#recovery = new KeyedRecovery(parts, task, this);
  }

  /** @throws NetworkError */
  async run(): Promise<Execution> {
    const { limit } = this.#task;
    for (let round = 1; ; round++) {
      if (limit.error) throw limit.error;
      using lanes = new Lanes(limit);
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
  async make(peerId: string, { scope }: Lanes): Promise<Outcome> {
    const { tries, clock, hedging } = this.#parts;
    this.#attempts += 1;
    const startMs = clock.monotonicMs();
    const outcome = await tries.make(this.#task, { peerId, attempt: this.#attempts, limit: scope });
    this.#recovery.tried();
    // A peer that fell silent says nothing of the tool; one that was outrun by a hedge is slow.
    const outrun = this.#seconds.isHedged && scope.isOver && !this.#task.limit.isOver;
    if (outcome.ok || outcome.fate === "failed" || outrun) {
      hedging.record(this.#task.toolName, clock.monotonicMs() - startMs);
    }
    return outcome;
  }

  /** What the caller gets. */
  won(executedOn: string, value: unknown): LaneEnd {
    return { ok: true, execution: { value, executedOn, attempts: this.#attempts } };
  }

  #start(lanes: Lanes): Promise<LaneEnd> {
    const place = this.#recovery.place();
    return place ? this.#recovery.askAgain(place, lanes) : this.#lane("first", lanes);
  }

  /** By the policy of the message type, and as far as the budget goes. */
  async #mayStartAnew(round: number, error: NetworkError): Promise<boolean> {
    const { clock, rng, budget, counter, network } = this.#parts;
    const { limit } = this.#task;
    const { retries, backoff } = retryOptions(network()?.retryPolicy?.());
    if (round > retries || !error.retryable || limit.isOver) return false;
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
      const taken = this.#take(kind, lanes);
      const seat = taken instanceof Promise ? await taken : taken;
      if (!("peer" in seat)) return failed(last ?? seat, false);
      this.#count(kind, asked);
      const end = await this.#ask(seat, kind, lanes);
      if (end.ok && kind === "hedge") this.#parts.counter.count("hedgesWon");
      if (end.ok || end.final) return end;
      last = moreHopeful(last, end.error);
    }
    return failed(last as NetworkError, false);
  }

  #take(kind: LaneKind, { scope }: Lanes): ReturnType<Seats["take"]> {
    return this.#parts.seats.take(this.#task, {
      exclude: this.#tried,
      scope,
      wait: kind !== "hedge",
      onlyRepeatable: this.#seconds.isRepeated || kind !== "first",
    });
  }

  #count(kind: LaneKind, asked: number): void {
    if (kind === "hedge") this.#parts.counter.count("hedges");
    else if (kind === "cover" || asked > 0) this.#parts.counter.count("failovers");
  }

  async #ask(seat: Seat, kind: LaneKind, lanes: Lanes): Promise<LaneEnd> {
    const { peerId } = seat.peer;
    // What is known of a peer may be gone once it is lost.
    const repeatable = this.#parts.choice.isRepeatable(peerId, this.#task);
    this.#tried.add(peerId);
    if (!repeatable) this.#recovery.sent(peerId);
    using _watch = repeatable && kind !== "hedge" ? this.#watch(peerId, lanes) : undefined;
    const outcome = await this.make(peerId, lanes);
    seat.leave(outcome);
    if (outcome.ok) return this.won(peerId, outcome.value);
    return await this.#afterFailure(peerId, outcome, repeatable, lanes);
  }

  #watch(peerId: string, lanes: Lanes): Disposable {
    return this.#seconds.watch(peerId, (why) => lanes.open(() => this.#lane(why, lanes)));
  }

  async #afterFailure(
    peerId: string,
    outcome: Failure,
    repeatable: boolean,
    lanes: Lanes,
  ): Promise<LaneEnd> {
    const keyed = this.#task.options.idempotencyKey !== undefined;
    if (isBarred(outcome)) this.#barred.add(peerId);
    if (outcome.fate === "not-run") this.#recovery.notRun();
    const move = nextMove(outcome, { repeatable, keyed });
    if (move === "ask-again") return await this.#recovery.askSame(peerId, outcome.error, lanes);
    const stays = move === "stop" || (outcome.fate === "lost" && !this.#seconds.mayRepeat());
    return failed(callError(peerId, outcome, repeatable), stays);
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
