import type { Rng } from "@net/core";
import type { ProbeReport, ProbeRequest } from "./messages.ts";

/** SWIM's k: how many others are asked. */
const HELPERS = 3;

export interface IndirectProbesOptions {
  readonly rng: Rng;
  /** Neighbours that answer, and that have a link to the target as far as is known. */
  readonly candidates: (target: string) => readonly string[];
  readonly request: (helper: string, request: ProbeRequest) => void;
}

interface Round {
  readonly number: number;
  /** Who has not reported yet. */
  readonly waiting: Set<string>;
}

/** Asks others to probe whoever does not answer: SWIM's indirect probes. One round for each target; a new one ends the old. */
export class IndirectProbes {
  readonly #options: IndirectProbesOptions;
  readonly #rounds = new Map<string, Round>();
  #number = 0;

  constructor(options: IndirectProbesOptions) {
    this.#options = options;
  }

  /** @returns whom it asked. */
  ask(target: string): readonly string[] {
    const { candidates, rng, request } = this.#options;
    const helpers = draw(candidates(target), HELPERS, rng);
    this.#number = (this.#number + 1) >>> 0;
    this.#rounds.set(target, { number: this.#number, waiting: new Set(helpers) });
    for (const helper of helpers) {
      request(helper, { type: "probe-request", number: this.#number, target });
    }
    return helpers;
  }

  /** Whether the report is one that was asked for, of this round, and the first of that helper. */
  accept(helper: string, { number, target }: ProbeReport): boolean {
    const round = this.#rounds.get(target);
    return round?.number === number && round.waiting.delete(helper);
  }

  forget(target: string): void {
    this.#rounds.delete(target);
  }
}

/** So many at random, all of them if there are no more. */
function draw(from: readonly string[], count: number, rng: Rng): string[] {
  const left = [...from];
  const drawn: string[] = [];
  while (drawn.length < count && left.length > 0) {
    drawn.push(...left.splice(Math.floor(rng.next() * left.length), 1));
  }
  return drawn;
}
