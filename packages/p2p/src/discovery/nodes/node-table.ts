import { placeOf } from "../../address.ts";
import type { PeerRecord } from "../record/peer-record.ts";
import { isExpired } from "../record/peer-record.ts";
import { foundNode } from "./fold-sightings.ts";
import type { FoundNode } from "./found-node.ts";
import { LatestRecords } from "./latest-records.ts";
import { factsOf, isDeviceKey, nodeKeyOf, placeKey, placesOf, type Sighting } from "./sighting.ts";

/** The most nodes remembered, and ways in which each was found; more would be a flood, not a network. */
const MAX_NODES = 1_024;
const MAX_SIGHTINGS = 64;

/** What was said of one node, by the way in which it came. */
type Sightings = ReadonlyMap<string, Sighting>;

/**
 * The nodes that were found, each device once, with all its addresses and the ways in which it was found. An address of
 * which no more is known belongs to the device that has it. Of a device's signed records the latest counts, so that an
 * old one, played back, changes nothing.
 */
export class NodeTable {
  readonly #nodes = new Map<string, Map<string, Sighting>>();
  /** Which node each way leads to. */
  readonly #keys = new Map<string, string>();
  readonly #latest: LatestRecords = new LatestRecords();

  /** Takes what a source says. Gives the key of a node that is new, or has an address that it had not. */
  add(sighting: Sighting, nowMs: number): string | undefined {
    const key = nodeKeyOf(sighting);
    const before = this.#placesOf(key);
    if (sighting.kind === "signed" && !this.#isCurrent(key, sighting.record, nowMs)) {
      return undefined;
    }
    if (factsOf(sighting).addresses.length === 0) this.#forget(key);
    else this.#put(key, sighting);
    return this.#placesOf(key).every((place) => before.includes(place)) ? undefined : key;
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

  /** A node as it is known now; undefined if it is gone, or is an address of another one. */
  get(key: string): FoundNode | undefined {
    const sightings = this.#nodes.get(key);
    if (!sightings || this.#isFolded(sightings)) return undefined;
    return foundNode([...sightings.values(), ...(isDeviceKey(key) ? this.#atSame(sightings) : [])]);
  }

  get nodes(): readonly FoundNode[] {
    return [...this.#nodes.keys()].map((key) => this.get(key)).filter((node) => node !== undefined);
  }

  #placesOf(key: string): readonly string[] {
    return this.get(key)?.addresses.map(placeOf) ?? [];
  }

  /** What else was seen at the addresses of a device, without learning who is there. */
  #atSame(sightings: Sightings): Sighting[] {
    const places = new Set([...sightings.values()].flatMap(placesOf));
    return [...places].flatMap((place) => [...(this.#nodes.get(placeKey(place))?.values() ?? [])]);
  }

  /** Whether no more is known than an address, and a device has it. */
  #isFolded(sightings: Sightings): boolean {
    const [first] = sightings.values();
    if (first?.kind !== "address") return false;
    const [place = ""] = placesOf(first);
    for (const [key, each] of this.#nodes) {
      if (isDeviceKey(key) && hasPlace(each, place)) return true;
    }
    return false;
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

  #hasRoom(key: string, sightings: Sightings, via: string): boolean {
    if (sightings.has(via)) return true;
    return sightings.size < MAX_SIGHTINGS && (this.#nodes.has(key) || this.#nodes.size < MAX_NODES);
  }
}

function viaOf({ source, via }: Pick<Sighting, "source" | "via">): string {
  return `${source} ${via}`;
}

function hasPlace(sightings: Sightings, place: string): boolean {
  for (const each of sightings.values()) if (placesOf(each).includes(place)) return true;
  return false;
}
