import { AbortScope, NetworkError, toNetworkError } from "@net/core";
import type { Execution } from "./execution.ts";

/** How one way to a result ended. */
export type LaneEnd =
  | { readonly ok: true; readonly execution: Execution }
  /** `final`: no other try can do better. */
  | { readonly ok: false; readonly error: NetworkError; readonly final: boolean };

/**
 * Several ways to one result at the same time: the first that has it wins, and the others are cancelled. It fails when the
 * last one has failed.
 */
export class Lanes implements Disposable {
  /** Over with the caller's, or when another lane has won. */
  readonly scope: AbortScope;
  readonly #result = Promise.withResolvers<LaneEnd>();
  readonly #failures: (LaneEnd & { readonly ok: false })[] = [];
  #open = 0;
  #closed = false;

  constructor(within: AbortSignal | AbortScope) {
    this.scope = new AbortScope({ within });
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }

  get result(): Promise<LaneEnd> {
    return this.#result.promise;
  }

  open(lane: () => Promise<LaneEnd>): void {
    if (this.#closed || this.scope.isOver) return;
    this.#open += 1;
    lane().then(
      (end) => this.#ended(end),
      (error: unknown) => this.#ended({ ok: false, error: toNetworkError(error), final: true }),
    );
  }

  /** Cancels those that are still open. */
  [Symbol.dispose](): void {
    this.#closed = true;
    // Most calls have one lane: an error that nobody sees is not worth its stack.
    if (this.#open > 0) this.scope.abort(answeredElsewhere());
    this.scope[Symbol.dispose]();
  }

  #ended(end: LaneEnd): void {
    this.#open -= 1;
    if (end.ok) this.#result.resolve(end);
    else this.#failures.push(end);
    if (this.#open === 0) this.#result.resolve(this.#failure() ?? end);
  }

  /** What says most: a last word, else what came first. */
  #failure(): LaneEnd | undefined {
    return this.#failures.find(({ final }) => final) ?? this.#failures[0];
  }
}

function answeredElsewhere(): NetworkError {
  return new NetworkError("ABORTED", "another peer answered first");
}
