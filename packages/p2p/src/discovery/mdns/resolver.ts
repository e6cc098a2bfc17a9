import type { Clock, Timer } from "@net/core";
import type { Question } from "./dns.ts";

/** When what is missing of an instance is asked for, in ms after it was noticed; then it is let be until more is heard. */
const ASK_AFTER: readonly number[] = [0, 1_000, 3_000];
/** Instances that are asked for at the same time; more would be a flood. */
const MAX_WANTED = 256;

export interface ResolverOptions {
  readonly ask: (questions: readonly Question[]) => void;
  readonly clock: Clock;
}

/** Asks for what is missing of the instances that are known by name only. */
export class Resolver implements Disposable {
  readonly #options: ResolverOptions;
  readonly #wanted = new Map<string, Timer>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** @param missing what is missing at the moment. */
  want(key: string, missing: () => readonly Question[]): void {
    if (this.#wanted.has(key) || this.#wanted.size >= MAX_WANTED) return;
    this.#next(key, missing, ASK_AFTER);
  }

  done(key: string): void {
    this.#wanted.get(key)?.cancel();
    this.#wanted.delete(key);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#wanted.values()) timer.cancel();
    this.#wanted.clear();
  }

  #next(
    key: string,
    missing: () => readonly Question[],
    [delay, ...rest]: readonly number[],
  ): void {
    const { ask, clock } = this.#options;
    if (delay === undefined) return void this.#wanted.delete(key);
    const ring = (): void => {
      this.#next(key, missing, rest);
      ask(missing());
    };
    this.#wanted.set(key, clock.setTimeout(ring, delay));
  }
}
