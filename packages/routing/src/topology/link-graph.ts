import {
  ARC_WORDS,
  addNode,
  createGraph,
  findArc,
  type Graph,
  removeNode,
} from "../graph/graph.ts";
import { removeLink, setLink } from "../graph/links.ts";
import { computeTree, createTree, type ShortestPathTree } from "../graph/shortest-path-tree.ts";
import { updateTree } from "../graph/update-tree.ts";
import type { CostSmoother } from "./cost-smoother.ts";

/** What one node says about its way to a neighbour. */
export interface Claim {
  readonly costUs: number;
  readonly rttMs?: number;
}

/** What a node says of its links, by neighbour. */
export type Claims = ReadonlyMap<string, Claim>;

/** So many nodes may be gone before their numbers are given to others. */
const MAX_GONE = 1_024;

const noClaims: Claims = new Map();

/**
 * The graph of all links that both ends claim, as OSPF checks for links back (RFC 2328 §16.1), and the cheapest ways from
 * this node, both kept right as claims change: a node that still claims a link to one that has lost it, or claims one to a
 * node that knows nothing of it, changes no route.
 */
export class LinkGraph {
  readonly graph: Graph = createGraph();
  readonly self: number;
  readonly #smoother: CostSmoother;
  readonly #claims = new Map<string, Claims>();
  readonly #tree: ShortestPathTree;
  /** Arcs that changed since the tree was right: from, to, from, to, … */
  #changed: number[] = [];
  /** Nodes that are gone, but that the tree may still know. */
  #gone: number[] = [];
  /** So much has changed that all ways have to be computed anew. */
  #stale = false;
  #structure = 0;

  constructor(selfId: string, smoother: CostSmoother) {
    this.#smoother = smoother;
    this.self = addNode(this.graph, selfId);
    this.#claims.set(selfId, noClaims);
    this.#tree = createTree(this.graph, this.self);
    computeTree(this.graph, this.#tree);
  }

  /** Rises whenever a node or a link comes or goes, or a node begins or ends to relay; not when a cost changes. */
  get structure(): number {
    return this.#structure;
  }

  /** The cheapest ways from this node, as of now: whatever changed since the last time is worked in first, all at once. */
  get tree(): ShortestPathTree {
    this.#settle();
    return this.#tree;
  }

  has(id: string): boolean {
    return this.graph.nodes.has(id);
  }

  claimsOf(id: string): Claims {
    return this.#claims.get(id) ?? noClaims;
  }

  /** The node is there, relays or not, and says this of its links. Returns whether anything is different now. */
  set(id: string, claims: Claims, relay: boolean): boolean {
    const isNew = !this.has(id);
    const node = addNode(this.graph, id);
    if (isNew) this.#structure += 1;
    const turned = this.#setRelay(node, relay);
    const before = this.claimsOf(id);
    this.#claims.set(id, claims);
    let changed = false;
    for (const peer of before.keys())
      if (!claims.has(peer)) changed = this.#unlink(id, peer) || changed;
    for (const [peer, claim] of claims) {
      // What was claimed before has become a link already, or was told to the node that does not claim it back.
      if (before.get(peer)?.costUs === claim.costUs) continue;
      changed = this.#claim(id, peer, claim) || changed;
    }
    return isNew || turned || changed;
  }

  /** The node is not known any more. */
  remove(id: string): boolean {
    const node = this.graph.nodes.get(id);
    if (node === undefined) return false;
    for (const peer of this.claimsOf(id).keys()) this.#unlink(id, peer);
    this.#claims.delete(id);
    removeNode(this.graph, node);
    this.#gone.push(node);
    if (this.#gone.length >= MAX_GONE) this.#settle();
    this.#structure += 1;
    return true;
  }

  /** What crossing a link costs that there is. */
  costUs(from: string, to: string): number | undefined {
    const arc = this.#arc(from, to);
    return arc === -1 ? undefined : this.graph.arcs[arc + 1];
  }

  relays(id: string): boolean {
    return this.graph.relays[this.graph.nodes.get(id) ?? -1] === 1;
  }

  /** Brings the tree up to date; then nothing is left of nodes that are gone, and their numbers can be given away. */
  #settle(): void {
    if (this.#stale) computeTree(this.graph, this.#tree);
    else updateTree(this.graph, this.#tree, this.#changed);
    this.#changed = [];
    this.#stale = false;
    this.graph.free.push(...this.#gone.splice(0));
  }

  /** A link is there once both ends claim it. */
  #claim(id: string, peer: string, { costUs }: Claim): boolean {
    const back = this.#claims.get(peer)?.get(id);
    if (!back) return false;
    const knownUs = this.costUs(id, peer);
    const knownBackUs = this.costUs(peer, id);
    if (knownUs === costUs && knownBackUs === back.costUs) return false;
    const [a, b] = [addNode(this.graph, id), addNode(this.graph, peer)];
    setLink(this.graph, a, b, costUs, back.costUs);
    this.#note(a, b);
    this.#note(b, a);
    if (knownUs === undefined || knownBackUs === undefined) this.#structure += 1;
    else {
      this.#smoother.note(id, peer, knownUs, costUs);
      this.#smoother.note(peer, id, knownBackUs, back.costUs);
    }
    return true;
  }

  #unlink(id: string, peer: string): boolean {
    const [a, b] = [this.graph.nodes.get(id), this.graph.nodes.get(peer)];
    if (a === undefined || b === undefined || !removeLink(this.graph, a, b)) return false;
    this.#note(a, b);
    this.#note(b, a);
    this.#structure += 1;
    this.#smoother.forget(id, peer);
    this.#smoother.forget(peer, id);
    return true;
  }

  /** Ways through a node open or close with all its arcs. */
  #setRelay(node: number, relay: boolean): boolean {
    const { relays, arcs, starts, degrees } = this.graph;
    if (relays[node] === Number(relay)) return false;
    relays[node] = Number(relay);
    this.#structure += 1;
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      this.#note(node, arcs[arc] as number);
    }
    return true;
  }

  /** More changes than nodes are not worked in one by one; so while nobody asks for ways, changes take no more memory. */
  #note(from: number, to: number): void {
    if (this.#stale) return;
    this.#changed.push(from, to);
    if (this.#changed.length / 2 <= this.graph.nodes.size) return;
    this.#changed = [];
    this.#stale = true;
  }

  #arc(from: string, to: string): number {
    const [a, b] = [this.graph.nodes.get(from), this.graph.nodes.get(to)];
    return a === undefined || b === undefined ? -1 : findArc(this.graph, a, b);
  }
}
