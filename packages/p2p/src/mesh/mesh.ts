import { type Clock, type Logger, ProtocolError, type Rng } from "@net/core";
import {
  type KnownPeer,
  NetworkTopology,
  type TopologyGraph,
  type TopologyNode,
  type TopologyUpdate,
} from "@net/routing";
import type { Ownership } from "../admission/applicant.ts";
import type { Channel } from "../channel/channel.ts";
import type { SelfDescription } from "../gossip/adverts/own-adverts.ts";
import { Gossip } from "../gossip/gossip.ts";
import { isGossipKind } from "../gossip/kinds.ts";
import type { Party } from "../links/handshake.ts";
import type { LinkTable } from "../links/link-table.ts";
import { meshCostUs } from "../liveness/link-cost.ts";
import { Relay } from "../relay/relay.ts";
import { sessionParty } from "../relay/session-party.ts";
import { Sessions, type SessionsOptions } from "../relay/sessions.ts";
import { pack, unpack } from "../wire/codec.ts";
import type { Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { Channels } from "./channels.ts";
import { GossipNeighbours } from "./gossip-neighbours.ts";
import { PathWatch } from "./path-watch.ts";
import { type Reach, Routes } from "./routes.ts";

export interface MeshOptions {
  /** This peer. */
  readonly self: string;
  readonly links: LinkTable;
  /** Who this peer is in handshakes. */
  readonly party: Party;
  /** A token that this peer was given, if it was. */
  readonly token: () => string | undefined;
  readonly relay: boolean;
  readonly limits: MeshLimits;
  /** Aborts what is under way when the network stops. */
  readonly closing: AbortSignal;
  readonly owner: Ownership | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly describe: () => SelfDescription;
  /** A session was agreed on. */
  readonly onSession: SessionsOptions["onChannel"];
  readonly onUpdate: (update: TopologyUpdate) => void;
}

export interface MeshLimits {
  readonly maxMessageBytes: number;
  readonly maxSessions: number;
  readonly relayBytesPerSecond: number;
  readonly relayFramesPerSecond: number;
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
  readonly gossip: Gossip;
  readonly channels: Channels;
  readonly #links: LinkTable;
  /** With peers behind relays. */
  readonly sessions: Sessions;
  readonly #relay: Relay;
  readonly #routes: Routes;
  readonly #neighbours: GossipNeighbours;
  /** Looked up for every call, and changed seldom. */
  #reachable:
    | { readonly version: number; readonly links: number; readonly peers: readonly ReachablePeer[] }
    | undefined;

  constructor(options: MeshOptions) {
    const { self, links, clock, logger, onUpdate } = options;
    this.#links = links;
    this.topology = new NetworkTopology(self, { clock, cost: meshCostUs });
    const { topology } = this;
    this.gossip = this.#makeGossip(options);
    this.#neighbours = new GossipNeighbours(this.gossip);
    const paths = new PathWatch(self, topology, links);
    this.#routes = new Routes(topology);
    this.sessions = this.#makeSessions(options, paths);
    this.#relay = this.#makeRelay(options);
    this.channels = new Channels(links, this.sessions, this.#routes);
    topology.on("advert:rejected", ({ error }) =>
      logger.debug({ error }, "an advert was rejected"),
    );
    topology.on("topology:updated", (update) => {
      paths.check();
      onUpdate(update);
    });
  }

  async close(): Promise<void> {
    this.gossip.stop();
    this.topology.close();
    this.#relay.close();
    await this.sessions.close();
  }

  met(link: Channel): void {
    this.topology.observeLink(link.peerId, {});
    this.#neighbours.met(link);
  }

  lost(link: Channel): void {
    this.topology.dropLink(link.peerId);
    this.#neighbours.lost(link);
    this.#relay.forget(link.peerId);
  }

  /** Whether that peer says that running that tool twice does no harm. */
  isIdempotent(peerId: string, tool: string): boolean {
    return this.gossip.advertOf(peerId)?.idempotent.includes(tool) ?? false;
  }

  /** What tells this start of a peer's process from the next; undefined while nothing is known of it. */
  incarnationOf(peerId: string): string | undefined {
    return this.gossip.advertOf(peerId)?.linkState.epoch.toString();
  }

  /** To whom that peer has links, as it says. */
  neighboursOf(peerId: string): readonly string[] {
    return this.gossip.advertOf(peerId)?.linkState.links.map(({ peer }) => peer) ?? [];
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
    if (isGossipKind(kind)) this.#neighbours.receive(from, kind, body);
    else if (kind === FrameKind.notice) this.#relay.notice(from, frame);
    else throw new ProtocolError(`a frame of kind ${kind} came after the handshake`);
    return true;
  }

  /** The network, ready to draw. A node has `hops` if it can be reached: over relays, not over any peer. */
  graph(): TopologyGraph {
    const { nodes, edges } = this.topology.getTopologyGraph();
    const reached = new Map(
      this.#reached().map(([{ peerId, hops }, reach]) => [peerId, reach?.hops ?? hops]),
    );
    const withHops = ({ hops, ...node }: TopologyNode): TopologyNode => {
      const passable = node.self ? hops : reached.get(node.id);
      return passable === undefined ? node : { ...node, hops: passable };
    };
    return { nodes: nodes.map(withHops), edges };
  }

  /** Who can be reached now: the same list as long as nothing changed. */
  reachable(): readonly ReachablePeer[] {
    const { version } = this.topology;
    const links = this.#links.size;
    const known = this.#reachable;
    if (known && known.version === version && known.links === links) return known.peers;
    const peers = this.#reached().map(([{ peerId, tools, capabilities, pathCostUs }, reach]) => ({
      ...{ peerId, tools, capabilities, pathCostUs: reach?.pathCostUs ?? pathCostUs },
    }));
    this.#reachable = { version, links, peers };
    return peers;
  }

  /** All peers to which there is a way that frames can go, or a link at least. */
  #reached(): (readonly [KnownPeer, Reach | undefined])[] {
    return this.topology
      .peers()
      .map((peer) => [peer, this.#routes.reach(peer.peerId, peer)] as const)
      .filter(([{ peerId }, reach]) => reach !== undefined || this.#links.has(peerId));
  }

  #makeGossip(options: MeshOptions): Gossip {
    const { self, party, relay, owner, limits, clock, rng, logger, describe } = options;
    const { topology } = this;
    const { identity } = party;
    return new Gossip({
      ...{ self, networkId: party.self.networkId, identity, topology, relay },
      ...{ clock, rng, logger, describe, encode: pack, decode: unpack },
      certificate: () => owner?.certificate,
      trust: owner?.trust,
      keyOf: (peerId) =>
        this.#links.get(peerId)?.device ?? this.sessions.get(peerId, false)?.device,
      maxMessageBytes: limits.maxMessageBytes,
    });
  }

  #makeSessions(options: MeshOptions, paths: PathWatch): Sessions {
    const { self, links, party, token, limits, closing, clock, logger, onSession } = options;
    return new Sessions({
      ...{ self, links, paths, token, closing, clock, logger },
      party: sessionParty(party),
      routes: (peerId) => this.#routes.to(peerId),
      maxSessions: limits.maxSessions,
      onChannel: onSession,
    });
  }

  #makeRelay({ self, links, relay, limits, clock, logger }: MeshOptions): Relay {
    return new Relay({
      ...{ self, links, relay, clock, logger },
      quota: {
        bytesPerSecond: limits.relayBytesPerSecond,
        framesPerSecond: limits.relayFramesPerSecond,
      },
      arrived: (routed, from) => this.sessions.arrived(routed, from),
      noticed: (notice, from) => this.sessions.noticed(notice, from),
    });
  }
}

/** A routed frame with its kind again, which is the byte before its body. */
function wholeOf(body: Uint8Array): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset - 1, body.byteLength + 1);
}
