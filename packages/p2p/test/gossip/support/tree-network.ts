import { silentLogger } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { KeyBook } from "../../../src/gossip/adverts/key-book.ts";
import type { Broadcast } from "../../../src/gossip/broadcast/message.ts";
import { ReplayGuard } from "../../../src/gossip/broadcast/replay-guard.ts";
import { SpanningTree } from "../../../src/gossip/broadcast/spanning-tree.ts";
import type { GossipKind } from "../../../src/gossip/kinds.ts";
import { type Neighbour, Sender } from "../../../src/gossip/neighbour.ts";
import { Signatures, type VerifySignature } from "../../../src/gossip/signing.ts";
import { Suspicion } from "../../../src/gossip/suspicion.ts";
import { codec } from "./codec.ts";
import type { SimEnd } from "./sim-link.ts";
import { SimLinks } from "./sim-links.ts";
import { verifyOnce } from "./verify-once.ts";

const EPOCH = 1;
const encoder = new TextEncoder();

export interface TreePeerOptions {
  readonly relay?: boolean;
}

/** A peer that broadcasts, and knows the keys of all others. */
export class TreePeer implements SimEnd {
  readonly id: string;
  readonly frames: Map<GossipKind, number> = new Map();
  readonly relay: boolean;
  readonly identity: DeviceIdentity = DeviceIdentity.generate();
  readonly keys: KeyBook;
  readonly guard: ReplayGuard;
  readonly tree: SpanningTree;
  readonly delivered: Broadcast[] = [];

  constructor(id: string, net: TreeNetwork, { relay = true }: TreePeerOptions = {}) {
    const { clock } = net;
    this.id = id;
    this.relay = relay;
    this.keys = new KeyBook({ self: id, ownKey: this.identity.publicKey, networkId: "net", clock });
    this.guard = new ReplayGuard(clock);
    this.tree = new SpanningTree({
      ...{
        self: id,
        codec,
        sender: new Sender(codec, silentLogger),
        keys: this.keys,
        clock,
        relay,
      },
      signatures: new Signatures(this.identity, "net", net.verify),
      suspicion: new Suspicion(clock, silentLogger),
      ...{ guard: this.guard, maxPayloadBytes: 1_000, epoch: () => EPOCH },
      relays: ({ peerId }) => net.peers.get(peerId)?.relay ?? true,
      isWanted: () => true,
      deliver: (broadcast) => this.delivered.push(broadcast),
    });
  }

  /** The names of what came, in order. */
  get names(): readonly string[] {
    return this.delivered.map(({ name }) => name);
  }

  send(name: string, lifetime?: number): void {
    this.tree.send({ kind: "message", name, payload: encoder.encode(name), lifetime });
  }

  linked(neighbour: Neighbour): void {
    this.tree.linked(neighbour);
  }

  unlinked(neighbour: Neighbour): void {
    this.tree.unlinked(neighbour);
  }

  receive(from: Neighbour, kind: GossipKind, body: Uint8Array): void {
    this.tree.receive(from, kind, codec.decode(body));
  }
}

/** Peers that broadcast. */
export class TreeNetwork extends SimLinks<TreePeer> implements Disposable {
  readonly verify: VerifySignature = verifyOnce();

  add(id: string, options?: TreePeerOptions): TreePeer {
    const peer = new TreePeer(id, this, options);
    for (const other of this.peers.values()) {
      introduce(peer, other);
      introduce(other, peer);
    }
    this.peers.set(id, peer);
    return peer;
  }

  [Symbol.dispose](): void {
    for (const { tree } of this.peers.values()) tree.stop();
  }
}

/** What an advert does. */
function introduce(to: TreePeer, { id: origin, identity }: TreePeer): void {
  to.keys.bind(to.keys.check({ origin, key: identity.publicKey, certificate: undefined }));
  to.guard.advertised(origin, EPOCH, 0);
}
