import {
  AuthenticationError,
  type Clock,
  NetworkError,
  OverloadedError,
  PermissionError,
  RateLimitError,
  systemClock,
  TokenBuckets,
} from "@net/core";
import {
  clock as aClock,
  assertOptions,
  callable,
  type Rules,
  readElsewhere,
} from "@net/core/options";
import { invalid } from "../../names.ts";
import { isExpired, type PeerRecord, readRecord } from "../record/peer-record.ts";
import type { Rendezvous } from "./rendezvous.ts";

/** Some 4 MB of records. */
const DEFAULT_MAX_RECORDS = 4_096;
/** The peers that one device may have at the same time, in however many networks. */
const DEFAULT_MAX_PER_DEVICE = 8;
/** A device that changes networks, and one that hammers. */
const RATE = { capacity: 10, perSecond: 0.2 } as const;
/** A lookup's answer fits a frame of a mebibyte. */
const MAX_LOOKUP = 512;

export interface RendezvousRegistryOptions {
  /** Default 4096. When it is full, newcomers are refused until records run out. */
  readonly maxRecords?: number;
  /** Default 8. */
  readonly maxPerDevice?: number;
  /**
   * Who may leave a record: those for whom it answers true, at once. Default: every device, so that somebody with many keys can fill the registry: where strangers
   * reach it, let in only those that you know.
   */
  readonly admit?: (record: PeerRecord) => boolean;
  readonly clock?: Clock;
}

const rules: Rules<RendezvousRegistryOptions> = {
  ...{ maxRecords: readElsewhere, maxPerDevice: readElsewhere, admit: callable, clock: aClock },
};

/**
 * Holds the records of peers that no multicast reaches, for a public peer or a server, and hands them out. Records are
 * signed and run out by themselves; nothing is stored.
 *
 * @example
 * ```ts
 * const registry = new RendezvousRegistry({ admit: ({ publicKey }) => isMyDevice(publicKey) });
 * registry.publish(record);
 * for await (const node of discoverNodes({ rendezvous: registry, signal })) await network.connect(node.address);
 * ```
 */
export class RendezvousRegistry implements Rendezvous {
  readonly #maxRecords: number;
  readonly #maxPerDevice: number;
  readonly #admit: (record: PeerRecord) => boolean;
  readonly #clock: Clock;
  readonly #rates: TokenBuckets;
  /** By network, and there by device and peer. */
  readonly #networks = new Map<string, Map<string, PeerRecord>>();

  /** @throws ValidationError if a limit is no whole number above 0, or another option is not what it must be. */
  constructor(options: RendezvousRegistryOptions = {}) {
    assertOptions(options, rules, "a RendezvousRegistry", (name) => name);
    const { admit = () => true, clock = systemClock } = options;
    this.#maxRecords = assertCount(options.maxRecords ?? DEFAULT_MAX_RECORDS, "maxRecords");
    this.#maxPerDevice = assertCount(
      options.maxPerDevice ?? DEFAULT_MAX_PER_DEVICE,
      "maxPerDevice",
    );
    this.#admit = admit;
    this.#clock = clock;
    this.#rates = new TokenBuckets({ ...RATE, maxKeys: this.#maxRecords, clock });
  }

  /** How many records it holds that have not run out. */
  get size(): number {
    this.#forgetExpired();
    return [...this.#networks.values()].reduce((sum, records) => sum + records.size, 0);
  }

  /**
   * Takes a record. One without addresses takes back what the device had left.
   *
   * @throws ValidationError if it is none; AuthenticationError if it is not signed by its key, or has run out;
   *   PermissionError if `admit` refuses it; RateLimitError; OverloadedError if the registry is full, or the device has
   *   too many; NetworkError `CONFLICT` if a later one is there.
   */
  publish(bytes: Uint8Array): void {
    const record = readRecord(bytes);
    if (isExpired(record, this.#clock.nowMs())) {
      throw new AuthenticationError("a peer's record has run out, or is good for too long");
    }
    if (this.#admit(record) !== true)
      throw new PermissionError("this device may not leave a record here");
    const rate = this.#rates.of(deviceOf(record));
    if (!rate.tryTake()) {
      throw new RateLimitError("this device leaves records too often", {
        retryAfterMs: rate.waitMs(),
      });
    }
    this.#assertLatest(record);
    this.#assertRoom(record);
    this.#put(record);
  }

  /** The records of a network, those that came last first; at most 512. */
  lookup(networkId: string): readonly Uint8Array[] {
    this.#forgetExpired();
    const records = [...(this.#networks.get(networkId)?.values() ?? [])];
    const present = records.filter(({ addresses }) => addresses.length > 0);
    return present
      .slice(-MAX_LOOKUP)
      .reverse()
      .map(({ bytes }) => bytes);
  }

  #put(record: PeerRecord): void {
    const records = this.#networks.get(record.networkId) ?? new Map<string, PeerRecord>();
    // A record that takes back is kept as well: else the one before could be played back.
    records.delete(keyOf(record));
    this.#networks.set(record.networkId, records.set(keyOf(record), record));
  }

  #assertLatest(record: PeerRecord): void {
    const present = this.#networks.get(record.networkId)?.get(keyOf(record));
    if (!present || present.issuedAtMs <= record.issuedAtMs) return;
    throw new NetworkError("CONFLICT", "a later record of this peer is here already");
  }

  #assertRoom(record: PeerRecord): void {
    if (this.#networks.get(record.networkId)?.has(keyOf(record))) return;
    if (this.size >= this.#maxRecords) {
      throw new OverloadedError(`this registry holds ${this.#maxRecords} records already`);
    }
    if (this.#countOf(deviceOf(record)) < this.#maxPerDevice) return;
    throw new OverloadedError(`this device has ${this.#maxPerDevice} records here already`);
  }

  #countOf(device: string): number {
    const all = [...this.#networks.values()].flatMap((records) => [...records.values()]);
    return all.filter((record) => deviceOf(record) === device).length;
  }

  #forgetExpired(): void {
    const nowMs = this.#clock.nowMs();
    for (const [networkId, records] of this.#networks) {
      for (const [key, record] of records) if (isExpired(record, nowMs)) records.delete(key);
      if (records.size === 0) this.#networks.delete(networkId);
    }
  }
}

function deviceOf({ publicKey }: PeerRecord): string {
  return Buffer.from(publicKey).toString("base64url");
}

function keyOf(record: PeerRecord): string {
  return `${deviceOf(record)} ${record.peerId}`;
}

function assertCount(count: number, what: string): number {
  if (Number.isInteger(count) && count > 0) return count;
  throw invalid(what, "a whole number above 0");
}
