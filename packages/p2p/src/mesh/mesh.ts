import { type Clock, type Logger, ProtocolError } from "@net/core";
import {
  type LinkMetrics,
  NetworkTopology,
  type TopologyGraph,
  type TopologyNode,
  type TopologyUpdate,
} from "@net/routing";
import type { Channel } from "../channel/channel.ts";
import type { Party } from "../links/handshake.ts";
import type { LinkTable } from "../links/link-table.ts";
import type { PeerLink } from "../links/peer-link.ts";
import { Relay } from "../relay/relay.ts";
import { sessionParty } from "../relay/session-party.ts";
import { Sessions, type SessionsOptions } from "../relay/sessions.ts";
import type { Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { Adverts, type SelfDescription } from "./adverts.ts";
import { Channels } from "./channels.ts";
import { PathWatch } from "./path-watch.ts";
import { isPassable, Routes } from "./routes.ts";
import { ToolDirectory } from "./tool-directory.ts";

export interface MeshOptions {
  /** This peer. */
  readonly self: string;
  readonly links: LinkTable;
  /** Who this peer is in handshakes. */
  readonly party: Party;
  readonly relay: boolean;
  readonly limits: MeshLimits;
  /** Aborts what is under way when the network stops. */
  readonly closing: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly describe: () => SelfDescription;
  /** A session was agreed on. */
  readonly onSession: SessionsOptions["onChannel"];
  readonly onUpdate: (update: TopologyUpdate) => void;
}

export interface MeshLimits {
  readonly maxSessions: number;
  readonly relayBytesPerSecond: number;
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
  readonly channels: Channels;
  readonly #links: LinkTable;
  readonly #sessions: Sessions;
  readonly #relay: Relay;

  constructor(options: MeshOptions) {
    const { self, links, relay, clock, logger, describe, onUpdate } = options;
    this.#links = links;
    this.topology = new NetworkTopology(self, { clock });
    const { topology, directory } = this;
    this.adverts = new Adverts({ topology, links, directory, clock, logger, relay, describe });
    const paths = new PathWatch(self, topology, links);
    const routes = new Routes(topology);
    this.#sessions = this.#makeSessions(options, paths, routes);
    this.#relay = this.#makeRelay(options);
    this.channels = new Channels(links, this.#sessions, routes);
    topology.on("advert:rejected", ({ error }) =>
      logger.debug({ error }, "an advert was rejected"),
    );
    topology.on("topology:updated", (update) => {
      if (update.change === "link") this.adverts.announce();
      paths.check();
      onUpdate(update);
    });
  }

  async close(): Promise<void> {
    this.adverts.stop();
    this.#relay.close();
    await this.#sessions.close();
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

  /**
   * A frame between neighbours. @returns whether it takes no room any more; otherwise `release` is called when it does not.
   *
   * @throws NetworkError if the neighbour must not have sent it.
   */
  receive(from: Channel, frame: Frame, release: () => void): boolean {
    const { kind, body } = frame;
    if (from.hops > 1) throw new ProtocolError(`a frame of kind ${kind} came over a session`);
    if (kind === FrameKind.routed) return this.#relay.routed(from, wholeOf(body), release);
    if (kind === FrameKind.notice) this.#relay.notice(from, frame);
    else if (kind === FrameKind.advert) this.adverts.receive(from, body);
    else throw new ProtocolError(`a frame of kind ${kind} came after the handshake`);
    return true;
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

  #makeSessions(options: MeshOptions, paths: PathWatch, routes: Routes): Sessions {
    const { self, links, party, limits, closing, clock, logger, onSession } = options;
    return new Sessions({
      ...{ self, links, paths, closing, clock, logger },
      party: sessionParty(party),
      routes: (peerId) => routes.to(peerId),
      maxSessions: limits.maxSessions,
      onChannel: onSession,
    });
  }

  #makeRelay({ self, links, relay, limits, clock, logger }: MeshOptions): Relay {
    return new Relay({
      ...{ self, links, relay, clock, logger },
      quota: { bytesPerSecond: limits.relayBytesPerSecond },
      arrived: (routed, from) => this.#sessions.arrived(routed, from),
      noticed: (notice, from) => this.#sessions.noticed(notice, from),
    });
  }
}

/** A routed frame with its kind again, which is the byte before its body. */
function wholeOf(body: Uint8Array): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset - 1, body.byteLength + 1);
}
