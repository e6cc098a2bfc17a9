import { silentLogger } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { NetworkTopology } from "@net/routing";
import { Gossip } from "../../../src/gossip/gossip.ts";
import type { BroadcastMessage, GossipOptions } from "../../../src/gossip/gossip-options.ts";
import type { GossipKind } from "../../../src/gossip/kinds.ts";
import type { Neighbour } from "../../../src/gossip/neighbour.ts";
import { codec } from "./codec.ts";
import type { SimEnd } from "./sim-link.ts";
import { SimLinks } from "./sim-links.ts";
import { verifyOnce } from "./verify-once.ts";

export interface PeerOptions extends Partial<GossipOptions> {
  /** Which start of the peer it is. Default: by the clock. */
  readonly epoch?: number;
}

/** A whole gossiping peer. */
export class SimPeer implements SimEnd {
  readonly id: string;
  readonly frames: Map<GossipKind, number> = new Map();
  readonly identity: DeviceIdentity;
  readonly topology: NetworkTopology;
  readonly gossip: Gossip;
  readonly messages: BroadcastMessage[] = [];
  /** What frames were malformed. */
  readonly errors: unknown[] = [];

  constructor(id: string, options: Pick<GossipOptions, "clock" | "rng"> & PeerOptions) {
    const { clock, epoch, identity = DeviceIdentity.generate() } = options;
    this.id = id;
    this.identity = identity;
    this.topology = new NetworkTopology(id, { clock, ...(epoch !== undefined && { epoch }) });
    this.gossip = new Gossip({
      ...{ self: id, relay: true, logger: silentLogger, describe: () => ({ name: id }), ...codec },
      ...{ ...options, identity, topology: this.topology },
    });
    this.gossip.on("message", (message) => this.messages.push(message));
  }

  /** Whom it can reach. */
  get reachable(): readonly string[] {
    const peers = this.topology.peers().filter(({ reachable }) => reachable);
    return peers.map(({ peerId }) => peerId);
  }

  linked(neighbour: Neighbour): void {
    this.topology.observeLink(neighbour.peerId, { rttMs: 2 });
    this.gossip.linked(neighbour);
  }

  unlinked(neighbour: Neighbour): void {
    this.topology.dropLink(neighbour.peerId);
    this.gossip.unlinked(neighbour);
  }

  receive(from: Neighbour, kind: GossipKind, body: Uint8Array): void {
    try {
      this.gossip.receive(from, kind, body);
    } catch (error) {
      this.errors.push(error);
    }
  }

  stop(): void {
    this.gossip.stop();
    this.topology.close();
  }
}

/** A network of whole peers. */
export class SimNetwork extends SimLinks<SimPeer> implements Disposable {
  readonly #verify = verifyOnce();

  add(id: string, options: PeerOptions = {}): SimPeer {
    const { clock, rng } = this;
    const peer = new SimPeer(id, { clock, rng, verify: this.#verify, ...options });
    this.peers.set(id, peer);
    return peer;
  }

  [Symbol.dispose](): void {
    for (const peer of this.peers.values()) peer.stop();
  }
}
