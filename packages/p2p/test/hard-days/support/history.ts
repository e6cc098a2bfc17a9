import { type Clock, type ErrorCode, NetworkError } from "@net/core";
import type { Pauses } from "./pauses.ts";
import { answerOf } from "./tools.ts";

/** The arguments of every call: the answer to no other one fits. */
export interface Question {
  /** The call's, or its key: then the same for all calls with it. */
  readonly id: string;
  readonly n: number;
  readonly takesMs: number;
}

/** A run of a tool, as the process saw it that ran it. */
export interface Run {
  readonly process: string;
  readonly tool: string;
  readonly question: Question;
}

/** A call, as its caller saw it. */
export interface Call {
  readonly caller: string;
  readonly pauses: Pauses;
  readonly question: Question;
  readonly tool: string;
  /** Undefined: an executor chooses. */
  readonly callee: string | undefined;
  readonly key: string | undefined;
  readonly deadlineMs: number;
  readonly beganMs: number;
  /** Its process was killed before it settled. */
  abandoned: boolean;
  settledMs?: number;
  executedOn?: string;
  value?: unknown;
  error?: unknown;
}

export type NewCall = Omit<Call, "beganMs" | "abandoned">;

/** How a call may fail on a hard day. Everything else is a fault of ours. */
const expected: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ABORTED",
  "CIRCUIT_OPEN",
  "CLOSED",
  "CONNECTION_FAILED",
  "CONNECTION_LOST",
  "CONNECTION_REFUSED",
  "DEADLINE_EXCEEDED",
  "NO_ROUTE",
  "OUTCOME_UNKNOWN",
  "OVERLOADED",
  "TIMEOUT",
  "TOOL_NOT_FOUND",
]);

/** All calls and runs of one network, and whether they could have happened. */
export class History {
  readonly #clock: Clock;
  readonly #calls: Call[] = [];
  readonly #runs: Run[] = [];
  readonly #complaints: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get calls(): readonly Call[] {
    return this.#calls;
  }

  ran(run: Run): void {
    this.#runs.push(run);
  }

  /** Somebody saw what must not be. */
  complain(complaint: string): void {
    this.#complaints.push(complaint);
  }

  /** A call begins. What it comes to is written down when it does. */
  follow(
    call: NewCall,
    made: PromiseLike<{ readonly value: unknown; readonly executedOn: string }>,
  ): void {
    const known: Call = { ...call, beganMs: this.#clock.monotonicMs(), abandoned: false };
    this.#calls.push(known);
    const settled = (): void => {
      known.settledMs = this.#clock.monotonicMs();
    };
    made.then(
      ({ value, executedOn }) => {
        settled();
        Object.assign(known, { value, executedOn });
      },
      (error: unknown) => {
        settled();
        known.error = error;
      },
    );
  }

  /** The process of that caller was killed. */
  abandon(caller: string): void {
    for (const call of this.#calls) {
      if (call.caller === caller && call.settledMs === undefined) call.abandoned = true;
    }
  }

  /** Everything that must not have happened; empty if all is well. */
  faults(): string[] {
    return [
      ...this.#complaints,
      ...this.#unsettled(),
      ...this.#late(),
      ...this.#wrong(),
      ...this.#oddFailures(),
      ...this.#ranTwice(),
    ];
  }

  /** How many calls gave a result. */
  get succeeded(): number {
    return this.#calls.filter(({ executedOn }) => executedOn !== undefined).length;
  }

  #unsettled(): string[] {
    return this.#calls
      .filter(({ settledMs, abandoned }) => settledMs === undefined && !abandoned)
      .map((call) => `never settled: ${tell(call)}`);
  }

  #late(): string[] {
    return this.#calls
      .filter(({ settledMs = 0, beganMs, deadlineMs, pauses }) => {
        return settledMs > pauses.due(beganMs, beganMs + deadlineMs);
      })
      .map((call) => `late: ${tell(call)}, settled at ${call.settledMs}`);
  }

  #wrong(): string[] {
    return this.#calls
      .filter(({ executedOn, value, question, callee = executedOn }) => {
        if (executedOn === undefined) return false;
        return executedOn !== callee || value !== answerOf(executedOn, question);
      })
      .map((call) => `answered wrongly, by ${call.executedOn}: ${tell(call)}: ${call.value}`);
  }

  #oddFailures(): string[] {
    return this.#calls
      .filter(({ error }) => error !== undefined)
      .filter(({ error }) => !NetworkError.is(error) || !expected.has(error.code))
      .map((call) => `failed oddly: ${tell(call)}: ${call.error}`);
  }

  /**
   * What may run once only. Without an executor, a key counts at each process for itself; an executor takes it to no second one.
   */
  #ranTwice(): string[] {
    const executed = new Set(
      this.#calls.filter(({ callee }) => callee === undefined).map(({ question }) => question.id),
    );
    const counts = new Map<string, number>();
    for (const { process, tool, question } of this.#runs) {
      if (tool === "read") continue;
      const where = executed.has(question.id) ? "anywhere" : process;
      const id = `${tool} ${question.id} at ${where}`;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return [...counts].filter(([, n]) => n > 1).map(([id, n]) => `ran ${n} times: ${id}`);
  }
}

function tell({ caller, callee, tool, key, question, beganMs, deadlineMs }: Call): string {
  const to = callee ?? "anybody";
  return `${tool} ${question.id} (key ${key}) from ${caller} to ${to}, begun at ${beganMs} for ${deadlineMs} ms`;
}
