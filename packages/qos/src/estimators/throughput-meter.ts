import { assertAmount } from "@net/core";

/** The last second, in tenths: a burst is not taken for the rule, and a change is seen within that second. */
const SLOT_MS = 100;
const SLOTS = 10;

/**
 * Bytes per second over the last second: those of the slot under way, and of as many whole slots before it as there
 * were, by the time they cover.
 */
export class ThroughputMeter {
  readonly #bytes = new Float64Array(SLOTS);
  /** The number of the slot under way, counted from the clock's zero; undefined before the first bytes. */
  #slot: number | undefined;
  #slotEndMs = Number.NEGATIVE_INFINITY;
  #startMs = 0;
  #sum = 0;

  /**
   * Takes bytes that moved at that moment. Time must not go backwards; where it does, it stands still.
   *
   * @throws ValidationError
   */
  record(bytes: number, nowMs: number): void {
    assertAmount(bytes, "bytes");
    assertAmount(nowMs, "nowMs");
    if (this.#slot === undefined) this.#startMs = nowMs;
    this.#moveTo(nowMs);
    const index = (this.#slot as number) % SLOTS;
    this.#bytes[index] = (this.#bytes[index] as number) + bytes;
    this.#sum += bytes;
  }

  /** 0 when nothing has moved for a second; undefined before anything did. */
  bytesPerSecond(nowMs: number): number | undefined {
    if (this.#slot === undefined) return undefined;
    this.#moveTo(nowMs);
    const windowStartMs = Math.max(this.#startMs, (this.#slot - SLOTS + 1) * SLOT_MS);
    // The first bytes of all took no time that could be known: count them as one slot's.
    const elapsedMs = Math.max(SLOT_MS, nowMs - windowStartMs);
    return (this.#sum * 1_000) / elapsedMs;
  }

  /** The slots that have passed meanwhile are empty. */
  #moveTo(nowMs: number): void {
    if (nowMs < this.#slotEndMs) return;
    const slot = Math.floor(nowMs / SLOT_MS);
    const passed = Math.min(SLOTS, slot - (this.#slot ?? slot));
    for (let i = 0; i < passed; i++) this.#empty((slot - i) % SLOTS);
    this.#slot = slot;
    this.#slotEndMs = (slot + 1) * SLOT_MS;
  }

  #empty(index: number): void {
    this.#sum -= this.#bytes[index] as number;
    this.#bytes[index] = 0;
  }
}
