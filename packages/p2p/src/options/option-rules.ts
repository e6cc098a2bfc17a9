import {
  assertOptions,
  callable,
  clock,
  flag,
  listOf,
  logger,
  type Rules,
  readElsewhere,
  rng,
  someRecord,
  text,
} from "@net/core/options";
import type { Ownership } from "../admission/applicant.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";
import { deviceIdentity, ownerTrust, transport } from "./rules.ts";

/** Every option there is: the compiler sees to it. */
const peerNetwork: Rules<PeerNetworkOptions> = {
  ...{ peerId: readElsewhere, peerName: readElsewhere, networkId: readElsewhere },
  ...{ capabilities: readElsewhere, maxPeers: readElsewhere, heartbeatInterval: readElsewhere },
  ...{ host: text, port: readElsewhere, listenAddress: text },
  ...{
    identity: deviceIdentity,
    owner: someRecord,
    jwtSecret: readElsewhere,
    admission: readElsewhere,
  },
  ...{ allow: readElsewhere, admit: callable, strict: flag },
  ...{ enableTLS: flag, tlsKey: readElsewhere, tlsCert: readElsewhere, tlsCa: readElsewhere },
  ...{ tlsVerify: flag, channelBinding: readElsewhere, plaintext: readElsewhere },
  ...{ enableMessageSigning: flag, signingKey: readElsewhere },
  ...{ transports: listOf(transport, `a list of transports, each ${transport.words}`), transport },
  ...{ discovery: readElsewhere, liveness: someRecord, qos: someRecord, relay: flag },
  ...{ limits: readElsewhere, clock, rng, logger },
};

const owner: Rules<Ownership> = {
  trust: ownerTrust,
  certificate: text,
};

const liveness: Rules<NonNullable<PeerNetworkOptions["liveness"]>> = { lifeline: flag };
const qos: Rules<NonNullable<PeerNetworkOptions["qos"]>> = { policies: someRecord };

/** Checks what TypeScript cannot, as far as it can be said of one value alone. @throws ValidationError */
export function assertPeerNetworkOptions(options: PeerNetworkOptions): void {
  assertOptions(options, peerNetwork, "a PeerNetwork", (name) => name);
  if (options.owner) assertOptions(options.owner, owner, "owner");
  if (options.liveness) assertOptions(options.liveness, liveness, "liveness");
  if (options.qos) assertOptions(options.qos, qos, "qos");
}
