import type { GossipKind } from "../../../src/gossip/kinds.ts";
import type { Neighbour } from "../../../src/gossip/neighbour.ts";

/** What is at an end of a simulated link. */
export interface SimEnd {
  readonly id: string;
  /** Frames of each kind that came. */
  readonly frames: Map<GossipKind, number>;
  linked(neighbour: Neighbour): void;
  unlinked(neighbour: Neighbour): void;
  receive(from: Neighbour, kind: GossipKind, body: Uint8Array): void;
}

/** What a frame is turned into on its way; undefined: nothing arrives. */
export type Meddle = (kind: GossipKind, body: Uint8Array, from: string) => Uint8Array | undefined;

/** Hands over a frame after that time. */
export type Carry = (latencyMs: number, arrive: () => void) => void;

/** A link between two simulated peers. */
export class SimLink {
  readonly ends: readonly [SimEnd, SimEnd];
  readonly latencyMs: number;
  /** Set: nothing is taken any more, as by a full queue. */
  full = false;
  meddle: Meddle | undefined;
  readonly #carry: Carry;
  readonly #neighbours: readonly [Neighbour, Neighbour];
  #isOpen = false;

  constructor(a: SimEnd, b: SimEnd, latencyMs: number, carry: Carry) {
    this.#carry = carry;
    this.latencyMs = latencyMs;
    this.ends = [a, b];
    this.#neighbours = [this.#neighbour(0), this.#neighbour(1)];
  }

  /** The other end, as `id` sees it. */
  neighbourOf(id: string): Neighbour {
    return this.ends[0].id === id ? this.#neighbours[1] : this.#neighbours[0];
  }

  open(): void {
    this.#isOpen = true;
    this.ends[0].linked(this.#neighbours[1]);
    this.ends[1].linked(this.#neighbours[0]);
  }

  close(): void {
    this.#isOpen = false;
    this.ends[0].unlinked(this.#neighbours[1]);
    this.ends[1].unlinked(this.#neighbours[0]);
  }

  /** The end of that index, as the other one sees it. */
  #neighbour(index: 0 | 1): Neighbour {
    const [to, from] = index === 0 ? this.ends : [this.ends[1], this.ends[0]];
    const offer = (kind: GossipKind, body: Uint8Array): boolean => {
      if (!this.#isOpen || this.full) return false;
      const bytes = this.meddle ? this.meddle(kind, body, from.id) : body;
      if (bytes) this.#carry(this.latencyMs, () => this.#arrive(index, kind, bytes));
      return true;
    };
    return { peerId: to.id, offer };
  }

  #arrive(index: 0 | 1, kind: GossipKind, bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    const end = this.ends[index];
    end.frames.set(kind, (end.frames.get(kind) ?? 0) + 1);
    end.receive(this.#neighbours[index === 0 ? 1 : 0], kind, bytes);
  }
}
