import { advertFrameFields } from "../../../src/gossip/adverts/advert-frame.ts";
import { advertFields, type PeerAdvert } from "../../../src/gossip/adverts/peer-advert.ts";
import { broadcastFrameFields } from "../../../src/gossip/broadcast/broadcast-frame.ts";
import { type Broadcast, broadcastFields } from "../../../src/gossip/broadcast/message.ts";
import { Signatures, type Signer, verifyEd25519 } from "../../../src/gossip/signing.ts";
import { codec } from "./codec.ts";

export interface CraftedAdvert extends Partial<PeerAdvert["linkState"]> {
  readonly origin: string;
  readonly topics?: readonly string[];
  readonly broadcasts?: number;
  readonly certificate?: string;
  readonly networkId?: string;
}

/** A linkState with what it needs. */
export function linkStateOf({ origin, ...given }: CraftedAdvert): PeerAdvert["linkState"] {
  const { topics: _, broadcasts: __, certificate: ___, networkId: ____, ...linkState } = given;
  return {
    ...{ origin, epoch: 1, seq: 1, links: [], capabilities: [], tools: [], labels: [] },
    ...{ load: 0, relay: true, ttlMs: 90_000, ...linkState },
  };
}

/** The body of an advert's frame, signed by whoever. */
export function craftAdvert(identity: Signer, crafted: CraftedAdvert): Uint8Array {
  const { topics = [], broadcasts = 0, certificate, networkId = "net" } = crafted;
  const linkState = linkStateOf(crafted);
  const statement = codec.encode(advertFields({ linkState, idempotent: [], topics, broadcasts }));
  const signatures = new Signatures(identity, networkId, verifyEd25519);
  const { origin, epoch, seq, ageMs = 0 } = linkState;
  const proof = { key: identity.publicKey, certificate };
  const signature = signatures.sign("advert", statement);
  return codec.encode(
    advertFrameFields({ origin, epoch, seq, ...proof, signature, statement }, ageMs),
  );
}

/** The body of a broadcast's frame, signed by whoever. */
export function craftBroadcast(
  identity: Signer,
  crafted: Pick<Broadcast, "origin" | "seq"> & Partial<Broadcast>,
): Uint8Array {
  const broadcast: Broadcast = {
    ...{ epoch: 1, kind: "message", scope: "all", name: "m", lifetimeMs: 30_000 },
    ...{ payload: codec.encode([crafted.seq]), ...crafted },
  };
  const statement = codec.encode(broadcastFields(broadcast));
  const signature = new Signatures(identity, "net", verifyEd25519).sign("broadcast", statement);
  const { origin, epoch, seq, lifetimeMs: remainingMs } = broadcast;
  const sealed = { remainingMs, signature, statement };
  return codec.encode(broadcastFrameFields({ origin, epoch, seq, hops: 1, ...sealed }));
}
