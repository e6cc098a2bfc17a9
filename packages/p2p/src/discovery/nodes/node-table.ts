import { hostAndPort } from "../../address.ts";
import type { PeerRecord } from "../record/peer-record.ts";
import { isExpired } from "../record/peer-record.ts";
import type { FoundNode } from "./found-node.ts";
import { LatestRecords } from "./latest-records.ts";
import { factsOf, nodeKeyOf, type Sighting } from "./sighting.ts";

/** The most nodes remembered, and ways in which each was found; more would be a flood, not a network. */
const MAX_NODES = 1_024;
const MAX_SIGHTINGS = 64;

/**
 * The nodes that were found, each device once, with all its addresses and the ways in which it was found. Of a device's
 * signed records the latest counts, so that an old one, played back, changes nothing.
 */
export class NodeTable {
  readonly #nodes = new Map<string, Map<string, Sighting>>();
  /** Which node each way leads to. */
  readonly #keys = new Map<string, string>();
  readonly #latest: LatestRecords = new LatestRecords();

  /** Takes what a source says. Gives the key of a node that is new, or has an address that it had not. */
  add(sighting: Sighting, nowMs: number): string | undefined {
    const key = nodeKeyOf(sighting);
    const before = this.get(key)?.addresses ?? [];
    if (sighting.kind === "signed" && !this.#isCurrent(key, sighting.record, nowMs)) {
      return undefined;
    }
    if (factsOf(sighting).addresses.length === 0) this.#forget(key);
    else this.#put(key, sighting);
    const now = this.get(key)?.addresses ?? [];
    return now.every((address) => before.includes(address)) ? undefined : key;
  }

  /** A source takes back what it said. A node that nobody speaks of any more is forgotten. */
  remove({ source, via }: Pick<Sighting, "source" | "via">): void {
    const id = viaOf({ source, via });
    const key = this.#keys.get(id);
    if (key === undefined) return;
    this.#keys.delete(id);
    const sightings = this.#nodes.get(key);
    sightings?.delete(id);
    if (sightings?.size === 0) this.#nodes.delete(key);
  }

  /** A node as it is known now; undefined if it is gone. */
  get(key: string): FoundNode | undefined {
    const sightings = this.#nodes.get(key);
    return sightings && foundNode([...sightings.values()]);
  }

  get nodes(): readonly FoundNode[] {
    return [...this.#nodes.values()].map((sightings) => foundNode([...sightings.values()]));
  }

  #put(key: string, sighting: Sighting): void {
    const via = viaOf(sighting);
    if (this.#keys.get(via) !== key) this.remove(sighting);
    const sightings = this.#nodes.get(key) ?? new Map<string, Sighting>();
    if (!this.#hasRoom(key, sightings, via)) return;
    this.#nodes.set(key, sightings.set(via, sighting));
    this.#keys.set(via, key);
  }

  #forget(key: string): void {
    for (const via of this.#nodes.get(key)?.keys() ?? []) this.#keys.delete(via);
    this.#nodes.delete(key);
  }

  #isCurrent(key: string, record: PeerRecord, nowMs: number): boolean {
    if (isExpired(record, nowMs) || !this.#latest.isLatest(key, record)) return false;
    const sightings = this.#nodes.get(key);
    // Older records, which came other ways, count no more: their addresses may be another's by now.
    for (const [via, each] of sightings ?? []) {
      if (each.kind !== "signed" || each.record.issuedAtMs >= record.issuedAtMs) continue;
      sightings?.set(via, { ...each, record });
    }
    return true;
  }

  #hasRoom(key: string, sightings: ReadonlyMap<string, Sighting>, via: string): boolean {
    if (sightings.has(via)) return true;
    return sightings.size < MAX_SIGHTINGS && (this.#nodes.has(key) || this.#nodes.size < MAX_NODES);
  }
}

function viaOf({ source, via }: Pick<Sighting, "source" | "via">): string {
  return `${source} ${via}`;
}

/** Those that were signed first, in their order. */
function addressesOf(sightings: readonly Sighting[]): string[] {
  const signed = sightings.filter(({ kind }) => kind === "signed");
  return [...new Set([...signed, ...sightings].flatMap((each) => factsOf(each).addresses))];
}

function foundNode(sightings: readonly Sighting[]): FoundNode {
  const addresses = addressesOf(sightings);
  const [first] = sightings;
  const best = sightings.find(({ kind }) => kind === "signed") ?? first;
  if (!first || !best) throw new TypeError("a node was sighted at least once");
  const { addresses: _, ...facts } = factsOf(best);
  const [address = ""] = addresses;
  const { host, port } = hostAndPort(address) ?? { host: "", port: 0 };
  return {
    ...{ address, host, port, addresses, source: first.source },
    sources: [...new Set(sightings.map(({ source }) => source))],
    verified: facts.publicKey !== undefined,
    ...facts,
  };
}
