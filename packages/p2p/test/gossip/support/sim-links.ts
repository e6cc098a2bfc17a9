import { type Rng, seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import type { GossipKind } from "../../../src/gossip/kinds.ts";
import { type SimEnd, SimLink } from "./sim-link.ts";

/** Peers and links that delay, lose and break as told, on a clock that moves when told. */
export class SimLinks<Peer extends SimEnd> {
  readonly clock: FakeClock = new FakeClock();
  readonly rng: Rng;
  readonly peers: Map<string, Peer> = new Map();
  /** The part of all frames that gets lost without a word. */
  loss = 0;
  readonly #links = new Map<string, SimLink>();
  /** Frames under way, by when they arrive. */
  readonly #flights = new Map<number, (() => void)[]>();

  constructor(seed: number = 1) {
    this.rng = seededRng(seed);
  }

  get links(): readonly SimLink[] {
    return [...this.#links.values()];
  }

  peer(id: string): Peer {
    const peer = this.peers.get(id);
    if (!peer) throw new Error(`there is no peer ${id}`);
    return peer;
  }

  linkOf(a: string, b: string): SimLink {
    const link = this.#links.get(linkKey(a, b));
    if (!link) throw new Error(`there is no link between ${a} and ${b}`);
    return link;
  }

  /** Both ends hear of it at once. */
  link(a: string, b: string): SimLink {
    const latencyMs = 1 + Math.floor(this.rng.next() * 5);
    const carry = (delay: number, arrive: () => void): void => this.#carry(delay, arrive);
    const link = new SimLink(this.peer(a), this.peer(b), latencyMs, carry);
    this.#links.set(linkKey(a, b), link);
    link.open();
    return link;
  }

  /** Links each to the next. */
  line(...ids: readonly string[]): void {
    for (const [i, id] of ids.entries()) if (i > 0) this.link(ids[i - 1] as string, id);
  }

  cut(a: string, b: string): void {
    this.linkOf(a, b).close();
    this.#links.delete(linkKey(a, b));
  }

  /** Ends a peer without a word of its own. Its neighbours notice at once. */
  kill(id: string): void {
    for (const { ends } of this.links) {
      if (ends[0].id === id || ends[1].id === id) this.cut(ends[0].id, ends[1].id);
    }
    this.peers.delete(id);
  }

  /** A connected random graph in which nobody has more than `degree` links. */
  wire(ids: readonly string[], degree: number): void {
    this.line(...ids);
    const degrees = new Map(ids.map((id) => [id, 2]));
    for (let tries = 0; tries < ids.length * degree * 4; tries++) {
      const [a, b] = [this.#any(ids), this.#any(ids)];
      const isFull = [a, b].some((id) => (degrees.get(id) ?? 0) >= degree);
      if (a === b || isFull || this.#links.has(linkKey(a, b))) continue;
      this.link(a, b);
      for (const id of [a, b]) degrees.set(id, (degrees.get(id) ?? 0) + 1);
    }
  }

  /** Those that can be reached from a peer, itself included. */
  reachable(from: string): ReadonlySet<string> {
    const reached = new Set([from]);
    for (const id of reached) {
      for (const { ends } of this.links) {
        if (ends[0].id === id) reached.add(ends[1].id);
        if (ends[1].id === id) reached.add(ends[0].id);
      }
    }
    return reached;
  }

  /** Frames of these kinds that came anywhere, altogether. */
  count(...kinds: readonly GossipKind[]): number {
    let sum = 0;
    for (const { frames } of this.peers.values()) {
      for (const kind of kinds) sum += frames.get(kind) ?? 0;
    }
    return sum;
  }

  #carry(latencyMs: number, arrive: () => void): void {
    if (this.loss > 0 && this.rng.next() < this.loss) return;
    const dueMs = Math.floor(this.clock.monotonicMs()) + latencyMs;
    const flights = this.#flights.get(dueMs);
    if (flights) {
      flights.push(arrive);
      return;
    }
    this.#flights.set(dueMs, [arrive]);
    this.clock.setTimeout(() => this.#land(dueMs), dueMs - this.clock.monotonicMs());
  }

  #land(dueMs: number): void {
    const flights = this.#flights.get(dueMs) ?? [];
    this.#flights.delete(dueMs);
    for (const arrive of flights) arrive();
  }

  #any(ids: readonly string[]): string {
    return ids[Math.floor(this.rng.next() * ids.length)] as string;
  }
}

/** Ids of so many peers. */
export function peerIds(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `p${String(i).padStart(3, "0")}`);
}

function linkKey(a: string, b: string): string {
  return [a, b].sort().join(" ");
}
