/** A type of message that is held back again within this time is still the same violation. */
const QUIET_MS = 1_000;

/** Tells when a type of message begins to be held back, not each time while it is. */
export class BandwidthWatch {
  readonly #heldBackAtMs = new Map<string, number>();

  /** A message of that type had to wait. @returns whether that is news. */
  heldBack(type: string, nowMs: number): boolean {
    const beforeMs = this.#heldBackAtMs.get(type);
    this.#heldBackAtMs.set(type, nowMs);
    return beforeMs === undefined || nowMs - beforeMs > QUIET_MS;
  }
}
