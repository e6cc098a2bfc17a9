import type { PeerRecord } from "../record/peer-record.ts";

/** Devices whose latest record is remembered; the one heard of longest ago is forgotten first. */
const MAX_DEVICES = 4_096;

/** When each device's latest record was issued. */
export class LatestRecords {
  readonly #issuedAtMs = new Map<string, number>();

  /** Notes a record, unless a later one was there. */
  isLatest(device: string, { issuedAtMs }: Pick<PeerRecord, "issuedAtMs">): boolean {
    const latest = this.#issuedAtMs.get(device) ?? 0;
    if (issuedAtMs < latest) return false;
    this.#issuedAtMs.delete(device);
    this.#issuedAtMs.set(device, issuedAtMs);
    const [oldest] = this.#issuedAtMs.keys();
    if (this.#issuedAtMs.size > MAX_DEVICES && oldest !== undefined)
      this.#issuedAtMs.delete(oldest);
    return true;
  }
}
