import type { NetworkTopology } from "@net/routing";
import type { LinkTable } from "../links/link-table.ts";
import type { Path } from "../wire/routed.ts";

interface Watched {
  readonly links: readonly string[];
  readonly onBroken: () => void;
}

/** Tells whoever waits for an answer along a path that a link of it is gone, and so no answer will come. */
export class PathWatch {
  readonly #self: string;
  readonly #topology: NetworkTopology;
  readonly #links: LinkTable;
  readonly #watched = new Set<Watched>();
  #known: ReadonlySet<string> = new Set();
  #version = -1;

  constructor(self: string, topology: NetworkTopology, links: LinkTable) {
    this.#self = self;
    this.#topology = topology;
    this.#links = links;
  }

  /**
   * Calls back once, when a link that is known now is not known any more.
   *
   * @param path from this peer, or to it.
   */
  watch(path: Path, onBroken: () => void): Disposable {
    const known = this.#knownLinks();
    const watched = { links: linksOf(path).filter((link) => known.has(link)), onBroken };
    this.#watched.add(watched);
    return { [Symbol.dispose]: () => this.#watched.delete(watched) };
  }

  /** The topology has changed. */
  check(): void {
    if (this.#watched.size === 0) return;
    const known = this.#knownLinks();
    for (const watched of this.#watched) {
      if (watched.links.every((link) => known.has(link))) continue;
      this.#watched.delete(watched);
      watched.onBroken();
    }
  }

  /** All links of the network. Every change of ours changes the topology's version too. */
  #knownLinks(): ReadonlySet<string> {
    const { version } = this.#topology;
    if (version !== this.#version) this.#known = this.#readLinks();
    this.#version = version;
    return this.#known;
  }

  /** Our own links count as soon as they are there, the others once both their ends advertise them. */
  #readLinks(): ReadonlySet<string> {
    const { edges } = this.#topology.getTopologyGraph();
    const own = [...this.#links].map(({ peerId }) => linkKey(this.#self, peerId));
    return new Set([...own, ...edges.map(({ source, target }) => linkKey(source, target))]);
  }
}

function linksOf(path: Path): string[] {
  return path.slice(1).map((id, index) => linkKey(path[index] as string, id));
}

/** The same from both ends. Ids hold no control characters. */
function linkKey(a: string, b: string): string {
  return a < b ? `${a}\n${b}` : `${b}\n${a}`;
}
