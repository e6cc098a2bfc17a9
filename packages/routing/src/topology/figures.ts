import {
  type NetworkStats,
  reachableIds,
  type StructureFigures,
  structureFigures,
} from "../analysis/stats.ts";
import type { LinkGraph } from "./link-graph.ts";
import { averageLatency } from "./topology-graph.ts";

/** The network in figures, each computed when it is asked for and something it depends on has changed. */
export class Figures {
  readonly #links: LinkGraph;
  #structure = -1;
  #structureFigures: StructureFigures | undefined;
  #version = -1;
  #averageLatency = 0;

  constructor(links: LinkGraph) {
    this.#links = links;
  }

  /** @param version rises with every change. */
  read(version: number): NetworkStats {
    const { graph, self, structure } = this.#links;
    if (!this.#structureFigures || this.#structure !== structure) {
      this.#structureFigures = structureFigures(graph, self);
      this.#structure = structure;
    }
    if (this.#version !== version) {
      this.#averageLatency = averageLatency(this.#links, reachableIds(graph, self));
      this.#version = version;
    }
    return { ...this.#structureFigures, averageLatency: this.#averageLatency };
  }
}
