import type { Clock } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import { type PeerClaims, type PeerRecord, unsignedRecord } from "./record/peer-record.ts";
import { RECORD_LIFETIME, RecordIssuer } from "./record/record-issuer.ts";

export interface AnnouncedRecordOptions {
  /** Who signs it; without, nobody does. */
  readonly identity: DeviceIdentity | undefined;
  readonly clock: Clock;
  readonly peer: Omit<PeerClaims, "addresses">;
  /** Where it can be dialled at the moment. */
  readonly addresses: () => readonly string[];
}

/** A peer's record of the moment. */
export class AnnouncedRecord {
  readonly #options: AnnouncedRecordOptions;
  readonly #issuer: RecordIssuer | undefined;
  #addresses: readonly string[];
  #bytes: Uint8Array;
  #issuedAtMs: number;

  /** @throws ValidationError if the peer cannot be announced. */
  constructor(options: AnnouncedRecordOptions) {
    const { identity, clock } = options;
    this.#options = options;
    this.#issuer = identity && new RecordIssuer(identity, clock);
    this.#addresses = options.addresses();
    this.#issuedAtMs = clock.nowMs();
    this.#bytes = this.#issue();
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Makes a new one if it is half over, or the addresses are others now. True if it did. */
  renew(): boolean {
    const addresses = this.#options.addresses();
    const ageMs = this.#options.clock.nowMs() - this.#issuedAtMs;
    const isOld = this.#issuer !== undefined && (ageMs >= RECORD_LIFETIME / 2 || ageMs < 0);
    if (!isOld && addresses.join(" ") === this.#addresses.join(" ")) return false;
    this.#addresses = addresses;
    this.#issuedAtMs = this.#options.clock.nowMs();
    this.#bytes = this.#issue();
    return true;
  }

  /** The record of a peer that has left; undefined if nobody signs. */
  withdraw(): PeerRecord | undefined {
    return this.#issuer?.withdraw(this.#options.peer);
  }

  #issue(): Uint8Array {
    const claims = { ...this.#options.peer, addresses: this.#addresses };
    return this.#issuer?.issue(claims).bytes ?? unsignedRecord(claims);
  }
}
