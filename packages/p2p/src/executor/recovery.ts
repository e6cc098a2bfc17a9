import { exponential, NetworkError, sleep } from "@net/core";
import type { Outcome } from "../tools/outcome.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import type { Place } from "./keyed-calls.ts";
import type { LaneEnd, Lanes } from "./lanes.ts";
import type { Task } from "./task.ts";

/** Between one question and the next, in ms, with full jitter. */
const pace = exponential({ initial: 100, max: 2_000 });
/** This process knows its own ledger. */
const HERE = "here";

/** What makes one more try at a peer. */
export interface Asker {
  make(peerId: string, lanes: Lanes): Promise<Outcome>;
  won(peerId: string, value: unknown): LaneEnd;
}

/**
 * Finds out what became of a call with a key that may run only once, and whose answer was lost: its peer is asked again, and
 * answers from its ledger. No other peer is asked: whatever this one says but a result, the call may have run, or still arrive.
 */
export class KeyedRecovery {
  readonly #parts: ExecutionParts;
  readonly #task: Task;
  readonly #asker: Asker;
  readonly #id: string | undefined;
  /** Once it is under way. */
  #lostAt: string | undefined;

  constructor(parts: ExecutionParts, task: Task, asker: Asker) {
    this.#parts = parts;
    this.#task = task;
    this.#asker = asker;
    this.#id = keyId(task);
  }

  /** Where an earlier call with that key went, if it may run there only. */
  place(): Place | undefined {
    const place = this.#id === undefined ? undefined : this.#parts.keyed.place(this.#id);
    return place && !this.#parts.choice.isRepeatable(place.peerId, this.#task) ? place : undefined;
  }

  /** The call is about to be sent to a peer. */
  sent(peerId: string): void {
    const incarnation = this.#incarnation(peerId);
    if (this.#id === undefined || incarnation === undefined) return;
    this.#parts.keyed.sent(this.#id, { peerId, incarnation });
  }

  /** A try has ended, after however long. */
  tried(): void {
    if (this.#id !== undefined) this.#parts.keyed.used(this.#id);
  }

  /** It certainly did not run where it was sent. */
  notRun(): void {
    if (this.#id !== undefined) this.#parts.keyed.notRun(this.#id);
  }

  /** The answer of that peer was lost: asks it again, if anybody can tell whether it still knows the call. */
  async askSame(peerId: string, error: NetworkError, lanes: Lanes): Promise<LaneEnd> {
    this.#lostAt = peerId;
    const place = this.place();
    return place ? await this.askAgain(place, lanes) : unknownAt(peerId, error);
  }

  /** Asks a peer what became of the call, until it says so, its process is another one, or the time is over. */
  async askAgain(place: Place, lanes: Lanes): Promise<LaneEnd> {
    const { clock, rng, recoverFor } = this.#parts;
    const untilMs = clock.monotonicMs() + recoverFor;
    let last: NetworkError | undefined;
    for (let again = 1; !this.#hasForgotten(place); again++) {
      const end = await this.#askOnce(place, lanes);
      if (end && (end.ok || end.final)) return end;
      last = end?.error ?? last;
      this.#lostAt = place.peerId;
      const delayMs = pace(again, rng);
      if (clock.monotonicMs() + delayMs > untilMs) break;
      await sleep(delayMs, { signal: lanes.signal, clock });
    }
    return unknownAt(place.peerId, last);
  }

  /** A limit that ended the search for a result leaves the outcome unknown. */
  explain(error: unknown): unknown {
    if (this.#lostAt === undefined || !NetworkError.is(error, "DEADLINE_EXCEEDED")) return error;
    return outcomeUnknown(this.#lostAt, error);
  }

  /** Undefined while it cannot be reached. */
  async #askOnce({ peerId }: Place, lanes: Lanes): Promise<LaneEnd | undefined> {
    if (this.#incarnation(peerId) === undefined) return undefined;
    this.#parts.counter.count("retries");
    const outcome = await this.#asker.make(peerId, lanes);
    if (outcome.ok) return this.#asker.won(peerId, outcome.value);
    const { fate, error } = outcome;
    if (fate === "lost") return { ok: false, error, final: false };
    if (fate !== "not-run" || error.code === "CONFLICT") return { ok: false, error, final: true };
    // That it was refused this time says nothing of the first time.
    return error.retryable ? { ok: false, error, final: false } : unknownAt(peerId, error);
  }

  /** Its process is another one, whose ledger does not know the call. */
  #hasForgotten({ peerId, incarnation }: Place): boolean {
    return (this.#incarnation(peerId) ?? incarnation) !== incarnation;
  }

  #incarnation(peerId: string): string | undefined {
    const { choice, network } = this.#parts;
    return peerId === choice.here ? HERE : network()?.incarnation?.(peerId);
  }
}

/** What the keys of an executor's calls are told apart by; undefined without one. */
export function keyId({ toolName, options }: Task): string | undefined {
  const { idempotencyKey } = options;
  return idempotencyKey === undefined ? undefined : JSON.stringify([toolName, idempotencyKey]);
}

function unknownAt(peerId: string, cause: NetworkError | undefined): LaneEnd {
  return { ok: false, error: outcomeUnknown(peerId, cause), final: true };
}

function outcomeUnknown(peerId: string, cause: NetworkError | undefined): NetworkError {
  return new NetworkError(
    "OUTCOME_UNKNOWN",
    `what became of the call at ${peerId} cannot be known; it was not taken to another peer`,
    { ...(cause && { cause }), details: { peerId } },
  );
}
