import { AbortScope, NetworkError } from "@net/core";
import type { Outcome } from "../tools/outcome.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import type { ExecuteOptions, Execution } from "./execution.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { type Begun, ExecutionRun } from "./execution-run.ts";
import { FirstTry, type FirstTryOwner, isPlain, networkFor, takeFirst } from "./first-try.ts";
import { keyId } from "./recovery.ts";
import type { Seat } from "./seats.ts";
import { SecondTries, type SecondTry } from "./second-tries.ts";
import type { Task } from "./task.ts";

/** What a caller asked for, and is told. */
export interface ExecutionOrder {
  readonly toolName: string;
  readonly params: unknown;
  readonly context: ExecutionContext;
  readonly options: ExecuteOptions;
  readonly resolve: (execution: Execution) => void;
  readonly reject: (error: unknown) => void;
}

/** One execution, from the question to its answer: most have a first try and nothing else, the others a run. */
export class OneExecution implements FirstTryOwner {
  readonly #parts: ExecutionParts;
  readonly #order: ExecutionOrder;
  readonly #task: Task;
  readonly #seconds: SecondTries;
  /** By the clock's monotonic time. */
  readonly #startMs: number;
  #listener: Disposable | undefined;
  #first: FirstTry | undefined;
  #run: ExecutionRun | undefined;
  #isOver = false;

  /** @throws ValidationError if an option is out of range. */
  constructor(parts: ExecutionParts, order: ExecutionOrder) {
    const { toolName, params, context, options } = order;
    const { deadlineMs, signal: within } = options;
    const { clock } = parts;
    this.#parts = parts;
    this.#order = order;
    const onHalfTime = (): void => this.#halfTime();
    this.#startMs = clock.monotonicMs();
    const limit = new AbortScope({ deadlineMs, within, clock, onHalfTime, startMs: this.#startMs });
    this.#task = { toolName, params, context, options, limit };
    try {
      this.#seconds = new SecondTries(parts, this.#task);
    } catch (error) {
      limit[Symbol.dispose]();
      throw error;
    }
  }

  start(): void {
    this.#parts.counter.count("started");
    this.#listener = this.#task.limit.onOver((error) => this.#failed(error));
    if (this.#isOver) return;
    try {
      if (isPlain(this.#task)) this.#tryFirst();
      else this.#startRun();
    } catch (error) {
      this.#failed(error);
    }
  }

  #tryFirst(): void {
    const taken = takeFirst(this.#parts, this.#task);
    const network = networkFor(taken, this.#parts);
    if (!network) {
      this.#startRun({ taken });
      return;
    }
    const seat = taken as Seat;
    const first = new FirstTry(this.#parts, this.#task, this.#seconds, seat, this, this.#startMs);
    this.#first = first;
    first.begin(network);
  }

  firstEnded(outcome: Outcome): void {
    const first = this.#first;
    if (this.#isOver || !first) return;
    if (!outcome.ok) this.#startRun({ made: first.made });
    else this.#succeeded({ value: outcome.value, executedOn: first.peerId, attempts: 1 });
  }

  readonly askSecond = (why: SecondTry): void => {
    if (this.#isOver || !this.#first) return;
    if (!this.#run) this.#startRun({ made: this.#first.made });
    this.#run?.openSecond(why);
  };

  #halfTime(): void {
    if (this.#first?.mayHaveSecond) this.#seconds.atHalfTime(this.askSecond);
  }

  #startRun(begun?: Begun): void {
    const run = new ExecutionRun(this.#parts, this.#task, this.#seconds, begun);
    this.#run = run;
    this.#inTurn(run).then(
      (execution) => this.#succeeded(execution),
      (error: unknown) => this.#failed(error),
    );
  }

  /** Calls with the same key go one after the other. */
  #inTurn(run: ExecutionRun): Promise<Execution> {
    const id = keyId(this.#task);
    return id === undefined ? run.run() : this.#afterOthers(id, run);
  }

  async #afterOthers(id: string, run: ExecutionRun): Promise<Execution> {
    using _turn = await this.#parts.keyed.turn(id, this.#task.limit.signal);
    return await run.run();
  }

  #succeeded(execution: Execution): void {
    if (!this.#end()) return;
    const { counter, budget } = this.#parts;
    this.#seconds.isAnswered = true;
    counter.succeeded(execution.executedOn);
    budget.giveBack();
    this.#order.resolve(execution);
    if (this.#first?.isPending) this.#task.limit.abort(answeredElsewhere());
  }

  #failed(error: unknown): void {
    if (!this.#end()) return;
    this.#parts.counter.count("failed");
    this.#order.reject(this.#run ? this.#run.explain(error) : error);
  }

  /** @returns whether it is the first ending, which counts. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#listener?.[Symbol.dispose]();
    this.#task.limit[Symbol.dispose]();
    return true;
  }
}

function answeredElsewhere(): NetworkError {
  return new NetworkError("ABORTED", "another peer answered first");
}
