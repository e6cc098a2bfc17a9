import { type NetworkError, sleep } from "@net/core";
import { retryOptions } from "@net/qos";
import { callError } from "../calls/tool-call.ts";
import type { Failure, Outcome } from "../tools/outcome.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { type LaneEnd, Lanes } from "./lanes.ts";
import { isBarred, nextMove } from "./next-move.ts";
import { type Asker, KeyedRecovery } from "./recovery.ts";
import { Seat, type TakenSeat } from "./seats.ts";
import type { SecondTries, SecondTry } from "./second-tries.ts";
import type { Task } from "./task.ts";

/** Why a lane was opened. */
type LaneKind = "first" | SecondTry;

/** A try that was made before there was a run, see FirstTry. */
export interface MadeTry {
  readonly peerId: string;
  readonly repeatable: boolean;
  readonly outcome: Outcome | Promise<Outcome>;
}

/** What was done before there was a run: a place was taken, or a try made. */
export type Begun = { readonly taken: TakenSeat } | { readonly made: MadeTry };

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
  #begun: Begun | undefined;
  #lanes: Lanes | undefined;

  constructor(parts: ExecutionParts, task: Task, seconds: SecondTries, begun?: Begun) {
    this.#parts = parts;
    this.#task = task;
    this.#seconds = seconds;
    this.#recovery = new KeyedRecovery(parts, task, this);
    this.#begun = begun;
  }

  /** @throws NetworkError */
  async run(): Promise<Execution> {
    const { limit } = this.#task;
    for (let round = 1; ; round++) {
      if (limit.error) throw limit.error;
      using lanes = new Lanes(limit);
      this.#lanes = lanes;
      lanes.open(() => this.#start(lanes));
      const end = await lanes.result;
      if (end.ok) return end.execution;
      if (end.final || !(await this.#mayStartAnew(round, end.error))) throw end.error;
    }
  }

  /** Asks a second peer, while the first one is at it. */
  openSecond(why: SecondTry): void {
    const lanes = this.#lanes;
    lanes?.open(() => this.#lane(why, lanes));
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
    if (saysHowLong(outcome, this.#seconds)) {
      hedging.record(this.#task.toolName, clock.monotonicMs() - startMs);
    }
    return outcome;
  }

  /** What the caller gets. */
  won(executedOn: string, value: unknown): LaneEnd {
    this.#seconds.isAnswered = true;
    return { ok: true, execution: { value, executedOn, attempts: this.#attempts } };
  }

  #start(lanes: Lanes): Promise<LaneEnd> {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun) return "made" in begun ? this.#goOn(begun.made, lanes) : this.#seated(begun, lanes);
    const place = this.#recovery.place();
    return place ? this.#recovery.askAgain(place, lanes) : this.#lane("first", lanes);
  }

  /** Goes on after a try that was made already. */
  async #goOn({ peerId, repeatable, outcome }: MadeTry, lanes: Lanes): Promise<LaneEnd> {
    this.#attempts = 1;
    this.#tried.add(peerId);
    const made = await outcome;
    const end = made.ok
      ? this.won(peerId, made.value)
      : await this.#afterFailure(peerId, made, repeatable, lanes);
    return end.ok || end.final ? end : await this.#lane("first", lanes, end.error);
  }

  /** Goes on where a place was taken already. */
  async #seated({ taken }: { readonly taken: TakenSeat }, lanes: Lanes): Promise<LaneEnd> {
    const seat = taken instanceof Promise ? await taken : taken;
    if (!(seat instanceof Seat)) return failed(seat, false);
    const end = await this.#ask(seat, "first", lanes);
    return end.ok || end.final ? end : await this.#lane("first", lanes, end.error);
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

  /** Asks peers, one after the other. @param before why the one that was asked before did not do it. */
  async #lane(kind: LaneKind, lanes: Lanes, before?: NetworkError): Promise<LaneEnd> {
    let last = before;
    for (let asked = 0; asked === 0 || kind !== "hedge"; asked++) {
      const taken = this.#take(kind, lanes);
      const seat = taken instanceof Promise ? await taken : taken;
      if (!(seat instanceof Seat)) return failed(last ?? seat, false);
      this.#count(kind, last !== undefined);
      const end = await this.#ask(seat, kind, lanes);
      if (end.ok && kind === "hedge") this.#parts.counter.count("hedgesWon");
      if (end.ok || end.final) return end;
      last = moreHopeful(last, end.error);
    }
    return failed(last as NetworkError, false);
  }

  #take(kind: LaneKind, { scope }: Lanes): TakenSeat {
    return this.#parts.seats.take(this.#task, {
      exclude: this.#tried,
      scope,
      wait: kind !== "hedge",
      onlyRepeatable: this.#seconds.isRepeated || kind !== "first",
    });
  }

  #count(kind: LaneKind, isNext: boolean): void {
    if (kind === "hedge") this.#parts.counter.count("hedges");
    else if (kind === "cover" || isNext) this.#parts.counter.count("failovers");
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

/** A peer that fell silent says nothing of the tool; one that was outrun by a hedge is slow. */
export function saysHowLong(outcome: Outcome, { isHedged, isAnswered }: SecondTries): boolean {
  return outcome.ok || outcome.fate === "failed" || (isHedged && isAnswered);
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
