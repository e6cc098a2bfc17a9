import type { AbortScope } from "@net/core";
import type { Outcome } from "../tools/outcome.ts";
import { type ExecutionContext, encodeRequest } from "../wire/calls.ts";
import type { TrackedCall } from "./call-quality.ts";
import type { IncomingStream } from "./incoming-stream.ts";

/** How urgent a call is, beside others to the same peer. */
export type CallPriority = "high" | "normal" | "low";

/** One call to one peer. */
export interface Invocation {
  readonly tool: string;
  readonly args: unknown;
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
  /** What bounds it, in place of a signal and a deadline: calls that have one already need no second. */
  readonly limit?: AbortScope | undefined;
  /** When it begins, by the clock's monotonic time, of somebody who has just read it. Default: it is read. */
  readonly startMs?: number | undefined;
  /** Says that asking again with the same key does not run it again, see the ledger. */
  readonly idempotencyKey?: string | undefined;
  readonly context?: ExecutionContext | undefined;
  /** Default `high`. A `low` one goes beside others through relays, and never before them. */
  readonly priority?: CallPriority | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Takes the chunks of a tool that streams. Default: they are not wanted. */
  readonly stream?: IncomingStream | undefined;
}

/** How it ended, and over how many links it went. */
export type RemoteOutcome = Outcome & { readonly hops: number };

/** Is told once how a call ended, and when, by the clock's monotonic time. */
export type OnOutcome = (outcome: RemoteOutcome, endMs: number) => void;

/** What is asked of a peer, and what is done with its answer. */
export interface Question {
  /** How urgent it is. */
  readonly type: string;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
  /** What bounds it, in place of a signal and a timer of its own. */
  readonly limit?: AbortScope | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  readonly stream?: IncomingStream | undefined;
  /** The question, once its number is known. @throws ValidationError */
  encode(call: number): Uint8Array;
  /** Called once. */
  over(outcome: Outcome): void;
}

const NO_CONTEXT: ExecutionContext = {};
const types: Readonly<Record<CallPriority, string>> = {
  high: "tool-call",
  normal: "message",
  low: "bulk",
};

/** Asks for a run of a tool. */
export class ToolQuestion implements Question {
  readonly type: string;
  readonly deadlineMs: number | undefined;
  readonly #invocation: Invocation;
  readonly #tracked: TrackedCall;
  readonly #hops: number;
  readonly #onOutcome: OnOutcome;

  /** @param deadlineMs what is left of its time. */
  constructor(
    invocation: Invocation,
    deadlineMs: number | undefined,
    hops: number,
    tracked: TrackedCall,
    onOutcome: OnOutcome,
  ) {
    this.type = types[invocation.priority ?? "high"];
    this.deadlineMs = deadlineMs;
    this.#invocation = invocation;
    this.#tracked = tracked;
    this.#hops = hops;
    this.#onOutcome = onOutcome;
  }

  get signal(): AbortSignal | undefined {
    return this.#invocation.signal;
  }

  get limit(): AbortScope | undefined {
    return this.#invocation.limit;
  }

  get onProgress(): ((value: unknown) => void) | undefined {
    return this.#invocation.onProgress;
  }

  get stream(): IncomingStream | undefined {
    return this.#invocation.stream;
  }

  encode(call: number): Uint8Array {
    const { tool, args, idempotencyKey, context = NO_CONTEXT } = this.#invocation;
    const { deadlineMs } = this;
    return encodeRequest(call, { tool, args, deadlineMs, idempotencyKey, context });
  }

  over(outcome: Outcome): void {
    const endMs = this.#tracked.end(outcome);
    this.#onOutcome(travelled(outcome, this.#hops), endMs);
  }
}

function travelled(outcome: Outcome, hops: number): RemoteOutcome {
  return outcome.ok ? { ok: true, value: outcome.value, hops } : { ...outcome, hops };
}
