import type { Clock } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import { type PeerClaims, type PeerRecord, signRecord } from "./peer-record.ts";

/**
 * How long a record is good, in ms. It is issued anew at half of that: so it has three hours left at any time, and
 * devices whose clocks differ by less find each other.
 */
export const RECORD_LIFETIME: number = 6 * 60 * 60 * 1_000;

/** Signs a peer's records, each later than the one before. */
export class RecordIssuer {
  readonly #identity: DeviceIdentity;
  readonly #clock: Clock;
  #issuedAtMs = 0;

  constructor(identity: DeviceIdentity, clock: Clock) {
    this.#identity = identity;
    this.#clock = clock;
  }

  /** @throws ValidationError as {@link signRecord}. */
  issue(claims: PeerClaims): PeerRecord {
    const issuedAtMs = Math.max(Math.trunc(this.#clock.nowMs()), this.#issuedAtMs + 1);
    this.#issuedAtMs = issuedAtMs;
    const validity = { issuedAtMs, expiresAtMs: issuedAtMs + RECORD_LIFETIME };
    return signRecord(claims, validity, this.#identity);
  }

  /** The record of a peer that has left: there is no address any more. */
  withdraw(claims: Omit<PeerClaims, "addresses">): PeerRecord {
    return this.issue({ ...claims, addresses: [] });
  }
}
