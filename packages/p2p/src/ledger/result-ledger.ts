import {
  abortedError,
  type Clock,
  type NetworkError,
  systemClock,
  toNetworkError,
} from "@net/core";
import { stopped } from "../stopped.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import { conflict, lastingOutcome, streamed, tooLarge } from "./answers.ts";
import { Expiry } from "./expiry.ts";
import type { KeyedCall } from "./keyed-call.ts";
import { type LedgerLimits, ledgerLimits } from "./ledger-limits.ts";
import { LedgerQuota } from "./ledger-quota.ts";
import { outcomeBytes } from "./outcome-bytes.ts";
import { type LedgerWait, SharedRun } from "./shared-run.ts";

/** What a run gets to know. */
export interface LedgerRun {
  /** Aborts when nobody waits for the run any more. */
  readonly signal: AbortSignal;
  progress(value: unknown): void;
  /** The tool sends a stream, which only the first caller gets: whoever asks again is told so, and gets no half of it. */
  streams(): void;
}

export interface ResultLedgerOptions extends Partial<LedgerLimits> {
  readonly clock?: Clock;
  /** How many bytes it takes to keep an end. Default: an estimate from its shape. Infinity: it cannot be kept. */
  readonly bytesOf?: (outcome: Outcome) => number;
}

interface Entry {
  readonly call: KeyedCall;
  /** While it runs. */
  run: SharedRun | undefined;
  /** Once it ended. */
  outcome: Outcome | undefined;
  streams: boolean;
  bytes: number;
  expiresAtMs: number;
}

/**
 * What became of keyed calls: a call that comes again with the same key, because its answer was lost or its caller is not sure,
 * joins the run or gets its result; it never runs twice. Held in memory: it ends with the process.
 *
 * - While the first runs, the second joins it, and gets its progress from then on.
 * - How it ended, result or error, is kept for `ttl`. If it is too large to be kept, only the key is: then the second
 *   call is told so (`OUTCOME_UNKNOWN`, `details.ran`), and still does not run.
 * - The same holds for what a tool streamed beside its result.
 * - A call that was never started leaves nothing: it may come again.
 * - One that was given up while it ran may have done anything: whoever asks again gets `OUTCOME_UNKNOWN`.
 * - The same key with other arguments is `CONFLICT`.
 * - When it is full, new keys are `OVERLOADED`: nothing is forgotten before its time.
 *
 * @example
 * ```ts
 * const call = { owner, tool, key, argsHash: hashArgs(args) };
 * const outcome = await ledger.run(call, { signal, deadlineMs, lost, onProgress }, ({ signal, progress }) =>
 *   tools.run(tool, args, { signal, onProgress: progress }),
 * );
 * ```
 */
export class ResultLedger implements Disposable {
  readonly #limits: LedgerLimits;
  readonly #clock: Clock;
  readonly #bytesOf: (outcome: Outcome) => number;
  readonly #quota: LedgerQuota;
  readonly #entries = new Map<string, Entry>();
  readonly #expiry: Expiry;
  #closed = false;

  /** @throws ValidationError if a limit is not above 0. */
  constructor({
    clock = systemClock,
    bytesOf = outcomeBytes,
    ...limits
  }: ResultLedgerOptions = {}) {
    this.#limits = ledgerLimits(limits);
    this.#clock = clock;
    this.#bytesOf = bytesOf;
    this.#quota = new LedgerQuota(this.#limits);
    this.#expiry = new Expiry(clock, (id) => this.#forget(id));
  }

  /** Keys it knows, those of running calls among them. */
  get keys(): number {
    return this.#quota.keys;
  }

  /** What the results take, as far as it is known. */
  get bytes(): number {
    return this.#quota.bytes;
  }

  /**
   * Starts the call, or gives what became of it. Never rejects.
   *
   * @param start runs the tool; called at most once for each owner, tool and key.
   */
  async run(
    call: KeyedCall,
    wait: LedgerWait,
    start: (run: LedgerRun) => Promise<Outcome>,
  ): Promise<Outcome> {
    const id = idOf(call);
    const known = this.#known(id);
    if (known && known.call.argsHash !== call.argsHash) return failure("not-run", conflict(call));
    if (known) return known.outcome ?? (await (known.run as SharedRun).join(wait));
    return await this.#begin(id, call, wait, start);
  }

  /** Aborts what runs, and forgets everything. Closing twice does nothing. */
  close(reason: NetworkError = stopped()): void {
    this.#closed = true;
    this.#expiry.close();
    for (const [id, { run }] of [...this.#entries]) {
      this.#forget(id);
      run?.abort(reason);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** What is past its time is not known, also if the timer is late. */
  #known(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (!entry || entry.expiresAtMs > this.#clock.monotonicMs()) return entry;
    this.#forget(id);
    return undefined;
  }

  async #begin(
    id: string,
    call: KeyedCall,
    wait: LedgerWait,
    start: (run: LedgerRun) => Promise<Outcome>,
  ): Promise<Outcome> {
    if (wait.signal?.aborted) return failure("given-up", abortedError(wait.signal));
    const refusal = this.#closed ? stopped() : this.#quota.takeKey(call.owner);
    if (refusal) return failure("not-run", refusal);
    const { orphanTimeout } = this.#limits;
    const run = new SharedRun({ clock: this.#clock, orphanTimeout });
    const expiresAtMs = Number.POSITIVE_INFINITY;
    const entry: Entry = { call, run, outcome: undefined, streams: false, bytes: 0, expiresAtMs };
    this.#entries.set(id, entry);
    const ended = run.join(wait);
    void this.#follow(id, entry, run, start);
    return await ended;
  }

  async #follow(
    id: string,
    entry: Entry,
    run: SharedRun,
    start: (run: LedgerRun) => Promise<Outcome>,
  ): Promise<void> {
    const outcome = await outcomeOf(() =>
      start({
        signal: run.signal,
        progress: (value) => run.progress(value),
        streams: () => {
          entry.streams = true;
        },
      }),
    );
    const ran = outcome.ok || outcome.fate !== "not-run";
    const toOthers = entry.streams && ran ? streamed(entry.call, outcome) : outcome;
    if (this.#entries.get(id) === entry) this.#record(id, entry, toOthers);
    run.end(outcome, toOthers);
  }

  #record(id: string, entry: Entry, outcome: Outcome): void {
    if (!outcome.ok && outcome.fate === "not-run") {
      this.#forget(id);
      return;
    }
    entry.run = undefined;
    entry.outcome = this.#keep(entry, lastingOutcome(entry.call, outcome));
    entry.expiresAtMs = this.#clock.monotonicMs() + this.#limits.ttl;
    this.#expiry.add(id, entry.expiresAtMs);
  }

  /** The outcome, if there is room for it; else what is said in its place. */
  #keep(entry: Entry, outcome: Outcome): Outcome {
    const bytes = this.#bytesOf(outcome);
    if (!this.#quota.takeBytes(entry.call.owner, bytes)) {
      return tooLarge(entry.call, outcome, bytes);
    }
    entry.bytes = bytes;
    return outcome;
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#expiry.delete(id);
    this.#quota.release(entry.call.owner, entry.bytes);
  }
}

function idOf({ owner, tool, key }: KeyedCall): string {
  return JSON.stringify([owner, tool, key]);
}

/** What throws may have run all the same. */
async function outcomeOf(start: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await start();
  } catch (error) {
    return failure("failed", toNetworkError(error));
  }
}
