import { DEFAULT_NETWORK_ID } from "../names.ts";
import { KeyBook } from "./adverts/key-book.ts";
import { ReplayGuard } from "./broadcast/replay-guard.ts";
import type { GossipOptions } from "./gossip-options.ts";
import { type Codec, Sender } from "./neighbour.ts";
import { Signatures, verifyEd25519 } from "./signing.ts";
import { Suspicion } from "./suspicion.ts";

/** What adverts and broadcasts share. */
export interface GossipParts {
  readonly codec: Codec;
  readonly sender: Sender;
  readonly signatures: Signatures;
  readonly keys: KeyBook;
  readonly guard: ReplayGuard;
  readonly suspicion: Suspicion;
}

export function gossipParts(options: GossipOptions): GossipParts {
  const { self, networkId = DEFAULT_NETWORK_ID, identity, clock, logger } = options;
  const { encode, decode, trust, keyOf, verify = verifyEd25519 } = options;
  const codec = { encode, decode };
  return {
    codec,
    sender: new Sender(codec, logger),
    signatures: new Signatures(identity, networkId, verify),
    keys: new KeyBook({ self, ownKey: identity.publicKey, networkId, trust, keyOf, clock }),
    guard: new ReplayGuard(clock),
    suspicion: new Suspicion(clock, logger),
  };
}
