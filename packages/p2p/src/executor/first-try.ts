import type { Outcome } from "../tools/outcome.ts";
import type { ExecutionNetwork } from "./attachment.ts";
import { isTraced } from "./channels.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { type MadeTry, saysHowLong } from "./execution-run.ts";
import { Seat, type TakenSeat } from "./seats.ts";
import type { AskSecond, SecondTries } from "./second-tries.ts";
import type { Task } from "./task.ts";

const nobody: ReadonlySet<string> = new Set();

/** Whether the first try of a call needs nothing that is kept beside it: a key, a stream, a span. */
export function isPlain({ options }: Task): boolean {
  return options.idempotencyKey === undefined && !options.onChunk && !isTraced();
}

/** Takes a place for the first try. */
export function takeFirst({ seats }: ExecutionParts, task: Task): TakenSeat {
  return seats.take(task, {
    ...{ exclude: nobody, scope: task.limit, wait: true, onlyRepeatable: false },
  });
}

/** The network, if the place that was taken is at another peer of it. */
export function networkFor(taken: TakenSeat, parts: ExecutionParts): ExecutionNetwork | undefined {
  return taken instanceof Seat && !taken.peer.local ? parts.network() : undefined;
}

/** Whose first try it is. */
export interface FirstTryOwner {
  /** It has ended; called once, unless somebody waits for {@link FirstTry.made} by then. */
  firstEnded(outcome: Outcome): void;
  /** It does not go well: another peer may be asked too. */
  readonly askSecond: AskSecond;
}

/**
 * The first try of a plain call at another peer: as nearly all executions begin, and end. It costs no promise; whatever
 * does not go well is for an ExecutionRun, which is made only then.
 */
export class FirstTry {
  readonly #parts: ExecutionParts;
  readonly #task: Task;
  readonly #seconds: SecondTries;
  readonly #seat: Seat;
  readonly #owner: FirstTryOwner;
  readonly #repeatable: boolean;
  readonly #startMs: number;
  #silence: Disposable | undefined;
  #slowness: Disposable | undefined;
  #outcome: Outcome | undefined;
  #later: PromiseWithResolvers<Outcome> | undefined;

  constructor(
    parts: ExecutionParts,
    task: Task,
    seconds: SecondTries,
    seat: Seat,
    owner: FirstTryOwner,
    startMs: number,
  ) {
    this.#parts = parts;
    this.#task = task;
    this.#seconds = seconds;
    this.#seat = seat;
    this.#owner = owner;
    // What is known of a peer may be gone once it is lost.
    this.#repeatable = parts.choice.isRepeatable(seat.peer.peerId, task);
    this.#startMs = startMs;
  }

  get peerId(): string {
    return this.#seat.peer.peerId;
  }

  get isPending(): boolean {
    return this.#outcome === undefined;
  }

  /** Whether a second peer may be asked while this one is at it. */
  get mayHaveSecond(): boolean {
    return this.#repeatable && this.isPending;
  }

  /** For a run that takes over. */
  get made(): MadeTry {
    return { peerId: this.peerId, repeatable: this.#repeatable, outcome: this.#result() };
  }

  begin(network: ExecutionNetwork): void {
    const { toolName: tool, params: args, context, options, limit } = this.#task;
    const { onProgress } = options;
    if (this.#repeatable) this.#watch(this.#owner.askSecond);
    const invocation = { tool, args, limit, context, onProgress, startMs: this.#startMs };
    if (network.ask) network.ask(this.peerId, invocation, this.#ended);
    else void network.invoke(this.peerId, invocation).then((outcome) => this.#ended(outcome));
  }

  #watch(askSecond: AskSecond): void {
    this.#silence = this.#seconds.watchSilence(this.peerId, askSecond);
    this.#slowness = this.#seconds.watchSlowness(askSecond);
  }

  readonly #ended = (outcome: Outcome, endMs?: number): void => {
    const { clock, hedging } = this.#parts;
    this.#outcome = outcome;
    this.#silence?.[Symbol.dispose]();
    this.#slowness?.[Symbol.dispose]();
    this.#seat.leave(outcome);
    if (saysHowLong(outcome, this.#seconds)) {
      hedging.record(this.#task.toolName, (endMs ?? clock.monotonicMs()) - this.#startMs);
    }
    if (this.#later) this.#later.resolve(outcome);
    else this.#owner.firstEnded(outcome);
  };

  #result(): Outcome | Promise<Outcome> {
    if (this.#outcome) return this.#outcome;
    this.#later ??= Promise.withResolvers();
    return this.#later.promise;
  }
}
