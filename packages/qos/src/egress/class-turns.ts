import type { Level } from "../priority.ts";

/** What a class may send in one round, for each of its weight: RFC 8290 calls this the quantum. */
const QUANTUM_BYTES = 2 * 1024;
/** High, normal and low share as 8 to 4 to 1; critical frames beyond their cap compete as high ones. */
const QUANTA: readonly number[] = [8, 8, 4, 1].map((weight) => weight * QUANTUM_BYTES);

/**
 * Deficit round robin between the classes (Shreedhar and Varghese, SIGCOMM 1995; paid after sending, as RFC 8290 §4.2
 * does): each round gives every class its quantum, and what a frame took beyond it is owed in the rounds to come.
 * Within a round the most urgent goes first. Rounds in which nobody could send are skipped in one step.
 */
export class ClassTurns {
  readonly #credit: number[] = [0, 0, 0, 0];
  /** The last round whose quantum a class was given. */
  readonly #given: number[] = [0, 0, 0, 0];
  #round = 1;

  /** The class that may send, −1 for none. @param ready those that have frames, as bits. */
  pick(ready: number): number {
    if (ready === 0) return -1;
    const level = this.#pickInRound(ready);
    if (level >= 0) return level;
    this.#round += this.#roundsUntilCredit(ready);
    return this.#pickInRound(ready);
  }

  /** A class sent that much. */
  spend(level: Level, bytes: number): void {
    this.#credit[level] = this.#creditOf(level) - bytes;
  }

  #pickInRound(ready: number): number {
    for (let level = 0; level < 4; level++) {
      if (ready & (1 << level) && this.#creditOf(level) > 0) return level;
    }
    return -1;
  }

  /** A class that had nothing to send saves nothing, but its debts are paid. */
  #creditOf(level: number): number {
    const credit = this.#credit[level] as number;
    const missed = this.#round - (this.#given[level] as number);
    if (missed === 0) return credit;
    const quantum = QUANTA[level] as number;
    this.#given[level] = this.#round;
    this.#credit[level] = Math.min(quantum, credit + missed * quantum);
    return this.#credit[level];
  }

  #roundsUntilCredit(ready: number): number {
    let rounds = Number.POSITIVE_INFINITY;
    for (let level = 0; level < 4; level++) {
      if (!(ready & (1 << level))) continue;
      const owed = 1 - (this.#credit[level] as number);
      rounds = Math.min(rounds, Math.ceil(owed / (QUANTA[level] as number)));
    }
    return rounds;
  }
}
