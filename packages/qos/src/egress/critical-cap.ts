/** What critical frames may take of the bandwidth before all others. */
const SHARE = 0.1;
/** What they may take at once after others have had theirs: hundreds of heartbeats. */
const BURST_BYTES = 16 * 1024;

/**
 * Lets critical frames go first as long as they are the tenth part of what leaves; beyond that they compete. What they
 * take while nobody else waits is free. Counted in bytes that left, so that it holds at any rate, and without a clock:
 * in any stretch of traffic, at most `burst + 10 %` of its bytes, and the frame that spent the last of it, went first.
 */
export class CriticalCap {
  #left = BURST_BYTES;

  /** Whether the next critical frame goes first. */
  get isOpen(): boolean {
    return this.#left > 0;
  }

  /** A frame left. @param isCharged it is critical, and went before others that waited. */
  sent(bytes: number, isCharged: boolean): void {
    const charge = isCharged ? bytes : 0;
    this.#left = Math.min(BURST_BYTES, this.#left + SHARE * bytes - charge);
  }
}
