import { type Clock, type Logger, ProtocolError } from "@net/core";
import {
  type LinkMetrics,
  NetworkTopology,
  type TopologyGraph,
  type TopologyNode,
  type TopologyUpdate,
} from "@net/routing";
import type { LinkTable } from "../links/link-table.ts";
import type { PeerLink } from "../links/peer-link.ts";
import type { Envelope } from "../wire/envelope.ts";
import type { Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { Adverts, type SelfDescription } from "./adverts.ts";
import { PathWatch } from "./path-watch.ts";
import { Post } from "./post.ts";
import { isPassable, Routes } from "./routes.ts";
import { ToolDirectory } from "./tool-directory.ts";

export interface MeshOptions {
  /** This peer. */
  readonly self: string;
  readonly links: LinkTable;
  readonly relay: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly describe: () => SelfDescription;
  /** Takes what is for this peer. Must not throw. */
  readonly deliver: (envelope: Envelope, from: PeerLink) => void;
  readonly onUpdate: (update: TopologyUpdate) => void;
}

/** A peer that can be reached; a `ToolCandidate` as it stands. */
export interface ReachablePeer {
  readonly peerId: string;
  readonly tools: readonly string[];
  readonly capabilities: readonly string[];
  readonly pathCostUs: number | undefined;
}

/** The peers beyond the links: who there is, on which way each is reached, and what goes along it. */
export class Mesh {
  readonly topology: NetworkTopology;
  readonly directory: ToolDirectory = new ToolDirectory();
  readonly adverts: Adverts;
  readonly routes: Routes;
  readonly paths: PathWatch;
  readonly post: Post;
  readonly #links: LinkTable;

  constructor(options: MeshOptions) {
    const { self, links, relay, clock, logger, describe, deliver, onUpdate } = options;
    this.#links = links;
    this.topology = new NetworkTopology(self, { clock });
    const { topology, directory } = this;
    this.adverts = new Adverts({ topology, links, directory, clock, logger, relay, describe });
    this.routes = new Routes(self, topology, links);
    this.paths = new PathWatch(self, topology, links);
    this.post = new Post({ self, links, relay, logger, deliver });
    topology.on("advert:rejected", ({ error }) =>
      logger.debug({ error }, "an advert was rejected"),
    );
    topology.on("topology:updated", (update) => {
      if (update.change === "link") this.adverts.announce();
      this.paths.check();
      onUpdate(update);
    });
  }

  /** There is a new neighbour, which brought a well-formed advert. */
  met(link: PeerLink, advert: Uint8Array): void {
    this.topology.observeLink(link.peerId, {});
    this.adverts.meet(link, advert);
  }

  lost({ peerId }: PeerLink): void {
    this.topology.dropLink(peerId);
  }

  measured({ peerId }: PeerLink, metrics: LinkMetrics): void {
    this.topology.observeLink(peerId, metrics);
  }

  /** @throws NetworkError if the neighbour must not have sent it. */
  receive(from: PeerLink, frame: Frame): void {
    if (frame.kind === FrameKind.advert) this.adverts.receive(from, frame.body);
    else if (frame.kind >= FrameKind.request) this.post.receive(from, frame);
    else throw new ProtocolError(`a frame of kind ${frame.kind} came after the handshake`);
  }

  /** The network, ready to draw. A node has `hops` if it can be reached: over relays, not over any peer. */
  graph(): TopologyGraph {
    const { nodes, edges } = this.topology.getTopologyGraph();
    const reachable = new Set(this.reachable().map(({ peerId }) => peerId));
    const withHops = ({ hops, ...node }: TopologyNode): TopologyNode =>
      hops !== undefined && (node.self || reachable.has(node.id)) ? { ...node, hops } : node;
    return { nodes: nodes.map(withHops), edges };
  }

  reachable(): ReachablePeer[] {
    return this.topology
      .peers()
      .filter(({ peerId, hops }) => isPassable(hops) || this.#links.has(peerId))
      .map(({ peerId, tools, capabilities, pathCostUs }) => ({
        ...{ peerId, tools, capabilities, pathCostUs },
      }));
  }
}
