/** The most probes whose answers are still of interest. */
const MAX_WAITING = 64;

interface Waiting {
  readonly sentAtMs: number;
  isLost: boolean;
}

/** An answer, and whether its probe was given up for lost before. */
export interface ProbeAnswer {
  readonly rttMs: number;
  readonly wasLost: boolean;
}

/** The probes of one link that nobody has answered yet. */
export class WaitingProbes {
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  /** When the first one was sent; undefined if none waits. */
  get sinceMs(): number | undefined {
    const [first] = this.#waiting.values();
    return first?.sentAtMs;
  }

  /** When the last one was sent. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** The number of a probe that is sent now. */
  sent(atMs: number): number {
    this.#number = (this.#number + 1) >>> 0;
    this.#lastAtMs = atMs;
    // The first one is kept: since when none is answered is what matters.
    if (this.#waiting.size < MAX_WAITING) {
      this.#waiting.set(this.#number, { sentAtMs: atMs, isLost: false });
    }
    return this.#number;
  }

  /** Those that wait are lost, though their answers may still come. @returns how many were not lost yet. */
  giveUp(): number {
    let count = 0;
    for (const probe of this.#waiting.values()) {
      if (!probe.isLost) count += 1;
      probe.isLost = true;
    }
    return count;
  }

  /**
   * An answer settles all probes before it too: a link keeps the order.
   *
   * @returns undefined for an answer to none of them.
   */
  answered(number: number, atMs: number): ProbeAnswer | undefined {
    const probe = this.#waiting.get(number);
    if (!probe) return undefined;
    for (const each of this.#waiting.keys()) {
      this.#waiting.delete(each);
      if (each === number) break;
    }
    return { rttMs: atMs - probe.sentAtMs, wasLost: probe.isLost };
  }

  /** None of them is of interest any more. */
  forget(): void {
    this.#waiting.clear();
  }
}
