import { type Rng, seededRng } from "@net/core";
import {
  ADVERT_REFRESH,
  type DatabaseDigest,
  type DigestDifference,
  type LinkStateAdvert,
  NetworkTopology,
} from "@net/routing";
import { SimClock } from "./sim-clock.ts";

/** What one node sends to a neighbour. */
type Message =
  | { readonly kind: "advert"; readonly advert: LinkStateAdvert }
  | { readonly kind: "digest"; readonly digest: DatabaseDigest }
  | { readonly kind: "difference"; readonly difference: DigestDifference }
  | { readonly kind: "request"; readonly origins: readonly string[] };

/** Changes of one turn are told together, this much later, in ms. */
const ANNOUNCE_DELAY = 20;

/** Databases are compared at a random time so soon after a link came up, in ms. */
const COMPARE_WITHIN = 1_000;

/** A link: whom it joins, and how long a message takes. */
export interface SimLink {
  readonly a: string;
  readonly b: string;
  readonly delayMs: number;
}

class SimNode {
  readonly topology: NetworkTopology;
  readonly neighbours: Map<string, SimLink> = new Map();
  readonly #network: SimNetwork;
  readonly #id: string;
  #announcing = false;

  constructor(network: SimNetwork, id: string) {
    this.#network = network;
    this.#id = id;
    this.topology = new NetworkTopology(id, { clock: network.clock });
    this.topology.on("topology:updated", ({ change }) => {
      network.changed();
      if (change === "link") this.#announceSoon();
    });
    network.clock.setTimeout(() => this.#refresh(), network.rng.next() * ADVERT_REFRESH);
  }

  join(peer: string, link: SimLink): void {
    this.neighbours.set(peer, link);
    this.topology.observeLink(peer, { rttMs: link.delayMs * 2 });
    // Not all at once: where many links come up together, one exchange spares most others, since what it brings is flooded.
    const compare = (): void =>
      this.#send(peer, { kind: "digest", digest: this.topology.digest() });
    this.#network.clock.setTimeout(compare, this.#network.rng.next() * COMPARE_WITHIN);
  }

  lose(peer: string): void {
    this.neighbours.delete(peer);
    this.topology.dropLink(peer);
  }

  receive(from: string, message: Message): void {
    if (message.kind === "advert") {
      if (this.topology.applyAdvert(message.advert) === "applied")
        this.#flood(message.advert, from);
    } else if (message.kind === "digest") {
      const difference = this.topology.compareDigest(message.digest);
      if (difference) this.#send(from, { kind: "difference", difference });
    } else if (message.kind === "difference") {
      const { want, send } = this.topology.resynchronise(message.difference);
      if (want.length > 0) this.#send(from, { kind: "request", origins: want });
      for (const advert of send) this.#send(from, { kind: "advert", advert });
    } else {
      const adverts = this.topology.advertsOf(message.origins);
      for (const advert of adverts) this.#send(from, { kind: "advert", advert });
    }
  }

  #announceSoon(): void {
    if (this.#announcing) return;
    this.#announcing = true;
    this.#network.clock.setTimeout(() => {
      this.#announcing = false;
      this.#flood(this.topology.localAdvert());
    }, ANNOUNCE_DELAY);
  }

  #refresh(): void {
    this.#flood(this.topology.localAdvert());
    this.#network.clock.setTimeout(() => this.#refresh(), ADVERT_REFRESH);
  }

  #flood(advert: LinkStateAdvert, except?: string): void {
    for (const peer of this.neighbours.keys())
      if (peer !== except) this.#send(peer, { kind: "advert", advert });
  }

  #send(to: string, message: Message): void {
    const link = this.neighbours.get(to);
    if (link) this.#network.carry(link, this.#id, to, message);
  }
}

/** Nodes with real topologies over links that take time, driven by discrete events. */
export class SimNetwork {
  readonly clock: SimClock = new SimClock();
  readonly rng: Rng;
  readonly nodes: Map<string, SimNode> = new Map();
  readonly links: Set<SimLink> = new Set();
  /** Adverts that were carried so far. */
  advertsCarried = 0;
  #changedAtMs = 0;

  constructor(seed: number) {
    this.rng = seededRng(seed);
  }

  /** When a node last saw anything change, in ms of the simulation. */
  get changedAtMs(): number {
    return this.#changedAtMs;
  }

  changed(): void {
    this.#changedAtMs = this.clock.monotonicMs();
  }

  addNode(id: string): void {
    this.nodes.set(id, new SimNode(this, id));
  }

  connect(a: string, b: string, delayMs: number): SimLink {
    const link = { a, b, delayMs };
    this.links.add(link);
    this.nodes.get(a)?.join(b, link);
    this.nodes.get(b)?.join(a, link);
    return link;
  }

  cut(link: SimLink): void {
    this.links.delete(link);
    this.nodes.get(link.a)?.lose(link.b);
    this.nodes.get(link.b)?.lose(link.a);
  }

  /** What is under way on a link that is cut is lost. */
  carry(link: SimLink, from: string, to: string, message: Message): void {
    if (message.kind === "advert") this.advertsCarried += 1;
    this.clock.setTimeout(() => {
      if (this.links.has(link)) this.nodes.get(to)?.receive(from, message);
    }, link.delayMs);
  }

  /** Who can reach whom, as it is, from one node. */
  componentOf(start: string): Set<string> {
    const found = new Set([start]);
    for (const id of found)
      for (const peer of this.nodes.get(id)?.neighbours.keys() ?? []) found.add(peer);
    return found;
  }
}

/** So many nodes in two halves, each connected, with links across; a node has `degree` links on average. */
export function twoHalves(nodes: number, degree: number, seed: number): SimNetwork {
  const network = new SimNetwork(seed);
  const draw = (below: number): number => Math.floor(network.rng.next() * below);
  for (let n = 0; n < nodes; n++) network.addNode(`n${n}`);
  const join = (a: number, b: number): void => {
    if (a === b || network.nodes.get(`n${a}`)?.neighbours.has(`n${b}`)) return;
    network.connect(`n${a}`, `n${b}`, 1 + draw(20));
  };
  // Each joins an earlier one of its half: even numbers there, odd ones here.
  for (let n = 2; n < nodes; n++) join(n, (n % 2) + 2 * draw(Math.floor(n / 2)));
  while (network.links.size < (nodes * degree) / 2) join(draw(nodes), draw(nodes));
  return network;
}

/** Whether a link joins the two halves. */
function isAcross({ a, b }: SimLink): boolean {
  return Number(a.slice(1)) % 2 !== Number(b.slice(1)) % 2;
}

/** What happened after one event. */
export interface Phase {
  readonly name: string;
  /** From the event to the last change that any node saw, in simulated ms. */
  readonly convergenceMs: number;
  /** Adverts carried to or from a node, on average, until then and in the quiet after. */
  readonly advertsPerNode: number;
}

/** Boots, loses a tenth of its links, splits and heals. `check` is called when all is quiet, and in the midst of it. */
export function liveThrough(
  network: SimNetwork,
  check: (phase: string, quiet: boolean) => void,
): Phase[] {
  const { rng } = network;
  let across: SimLink[] = [];
  return [
    phase("boot", () => {}),
    phase("a tenth of the links lost", () => {
      for (const link of [...network.links]) if (rng.next() < 0.1) network.cut(link);
    }),
    phase("split", () => {
      across = [...network.links].filter(isAcross);
      for (const link of across) network.cut(link);
    }),
    phase("healed", () => {
      for (const { a, b, delayMs } of across) network.connect(a, b, delayMs);
    }),
  ];

  function phase(name: string, event: () => void): Phase {
    const startMs = network.clock.monotonicMs();
    const startCarried = network.advertsCarried;
    event();
    network.clock.run(60);
    check(name, false);
    network.clock.run(1_940);
    check(name, true);
    const carried = network.advertsCarried - startCarried;
    const convergenceMs = Math.max(0, network.changedAtMs - startMs);
    return { name, convergenceMs, advertsPerNode: carried / network.nodes.size };
  }
}
