import type { Question } from "./probe.ts";
import type { Target } from "./targets.ts";

/** What is left to ask: first everything once, then what gave no answer, or could not be asked, again. */
export class Questions {
  readonly #first: Iterator<Question>;
  readonly #again: Question[] = [];
  #asksAgain = false;

  constructor(targets: readonly Target[], ports: readonly number[]) {
    this.#first = inTurn(targets, ports);
  }

  /** Whether all that is known so far was handed out. */
  get isEmpty(): boolean {
    return this.#asksAgain && this.#again.length === 0;
  }

  next(): Question | undefined {
    if (!this.#asksAgain) {
      const { value, done } = this.#first.next();
      if (!done) return value;
      this.#asksAgain = true;
    }
    return this.#again.shift();
  }

  /** To be asked later. */
  postpone(question: Question): void {
    this.#again.push(question);
  }
}

/** Host by host within a port, so that no host gets all at once. */
function* inTurn(
  targets: readonly Target[],
  ports: readonly number[],
): Generator<Question, undefined, undefined> {
  for (const port of ports) {
    for (const target of targets) yield { target, port, asked: 0 };
  }
  return undefined;
}
