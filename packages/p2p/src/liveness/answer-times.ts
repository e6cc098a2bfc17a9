import { PhiDetector } from "@net/qos";

/** What is expected before the first answer, in ms: a quarter of a second is far away, and near enough to suspect in time. */
const EXPECTED = 250;
/** Of a very regular peer, in ms: what a timer, a garbage collection and a scheduler may add. */
const MIN_DEVIATION = 100;
const ACCEPTABLE_PAUSE = 200;
/** One answer that took longer counts as this, in ms: a single pause must not make the detector blind for minutes. */
const MAX_SAMPLE = 1_000;
/** The probability of being wrong: one in ten asks others, one in a hundred million suspects. */
const LATE_PHI = 1;
const SUSPECT_PHI = 8;
/** A peer is suspected after this at the latest, in ms: together with the half second before it is asked, below 2 s. */
const MAX_SUSPECT = 1_400;

/**
 * How long the answers of a peer take, and from when on one that does not come means something.
 *
 * φ-accrual (Hayashibara et al., SRDS 2004) of the time from a probe to its answer. Of the time between any two frames it
 * would tell about the traffic: after a burst every pause would be suspicious.
 */
export class AnswerTimes {
  readonly #phi = new PhiDetector({
    expectedInterval: EXPECTED,
    minDeviation: MIN_DEVIATION,
    acceptablePause: ACCEPTABLE_PAUSE,
  });
  /** All waiting put end to end: the detector's time passes only while an answer is waited for. */
  #waitedMs = 0;
  #limits: { readonly lateMs: number; readonly suspectMs: number } | undefined;

  constructor() {
    this.#phi.heard(0);
  }

  /** A probe was answered after so long. */
  answered(afterMs: number): void {
    this.#waitedMs += Math.min(Math.max(0, afterMs), MAX_SAMPLE);
    this.#phi.heard(this.#waitedMs);
    this.#limits = undefined;
  }

  /** How much a wait of so long suggests that no answer will come: wrong with a probability of 10^−φ. */
  phi(waitedMs: number): number {
    return this.#phi.phi(this.#waitedMs + waitedMs);
  }

  /** From when on help is sought. */
  get lateMs(): number {
    return this.#limitsNow().lateMs;
  }

  /** From when on the peer is suspected. */
  get suspectMs(): number {
    return this.#limitsNow().suspectMs;
  }

  #limitsNow(): { readonly lateMs: number; readonly suspectMs: number } {
    this.#limits ??= { lateMs: this.#whenPhiIs(LATE_PHI), suspectMs: this.#whenPhiIs(SUSPECT_PHI) };
    return this.#limits;
  }

  /** φ never falls with time: the first whole ms at which it is that high, by halving. */
  #whenPhiIs(phi: number): number {
    let [low, high] = [0, MAX_SUSPECT];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.phi(middle) >= phi) high = middle;
      else low = middle;
    }
    return high;
  }
}
