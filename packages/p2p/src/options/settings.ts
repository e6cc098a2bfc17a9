import {
  type Clock,
  type Logger,
  type Rng,
  silentLogger,
  systemClock,
  systemRng,
  type Transport,
} from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { QoSPolicy } from "@net/qos";
import { MAX_LINKS } from "@net/routing";
import { AllowList } from "../admission/allow-list.ts";
import type { Admit, Ownership } from "../admission/applicant.ts";
import {
  type PeerDiscoverySettings,
  readPeerDiscovery,
} from "../discovery/peer-discovery-options.ts";
import { areNames, assertName, DEFAULT_NETWORK_ID, invalid, MAX_CAPABILITIES } from "../names.ts";
import type { ChannelPolicy } from "../secure/channel-policy.ts";
import { type AdmissionRules, readAdmission } from "./admission.ts";
import { readChannelPolicy } from "./channel.ts";
import { readIdentity } from "./identity.ts";
import { type PeerLimits, readLimits } from "./limits.ts";
import { addressOf, readListenAddress } from "./listen-address.ts";
import { assertPeerNetworkOptions } from "./option-rules.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";
import { readSecret } from "./secret.ts";
import { readTLS } from "./tls.ts";
import { readTransports } from "./transports.ts";

/** The options with their defaults, checked. */
export interface PeerNetworkSettings {
  readonly peerId: string;
  readonly peerName: string;
  readonly networkId: string;
  readonly listenAddress: string;
  readonly maxPeers: number;
  readonly heartbeatInterval: number;
  readonly capabilities: readonly string[];
  readonly identity: DeviceIdentity;
  /** Whether the identity outlives this process. */
  readonly keepsIdentity: boolean;
  readonly owner: Ownership | undefined;
  readonly jwtSecret: string | undefined;
  readonly admission: AdmissionRules;
  readonly allow: AllowList | undefined;
  readonly admit: Admit | undefined;
  readonly strict: boolean;
  /** How links are protected. */
  readonly channel: ChannelPolicy;
  readonly relay: boolean;
  /** Whether a worker thread answers while the main thread is blocked. */
  readonly lifeline: boolean;
  readonly policies: Readonly<Record<string, QoSPolicy>>;
  readonly transport: Transport;
  /** How others write a host and port of this peer's network: `wss://host:port` with TLS. */
  readonly addressOf: (host: string, port: number) => string;
  readonly discovery: PeerDiscoverySettings;
  readonly limits: PeerLimits;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** @throws ValidationError naming the option and what it must be. */
export function readOptions(options: PeerNetworkOptions): PeerNetworkSettings {
  assertPeerNetworkOptions(options);
  const { strict = false, jwtSecret, allow, logger = silentLogger } = options;
  if (jwtSecret !== undefined) readSecret(jwtSecret, "jwtSecret", strict);
  const names = readNames(options);
  const identity = readIdentity(options, names.peerId);
  return {
    ...names,
    ...identity,
    ...readCarriage(options),
    ...{ strict, jwtSecret, logger, admit: options.admit },
    admission: readAdmission(options.admission, strict),
    allow: allow === undefined ? undefined : new AllowList(allow),
    channel: readChannelPolicy(options, identity.keepsIdentity),
    relay: options.relay ?? false,
    lifeline: options.liveness?.lifeline ?? false,
    policies: options.qos?.policies ?? {},
    discovery: readPeerDiscovery(options.discovery, names.networkId),
  };
}

function readNames(
  options: PeerNetworkOptions,
): Pick<PeerNetworkSettings, "peerId" | "peerName" | "networkId" | "capabilities"> {
  const { capabilities = [], networkId = DEFAULT_NETWORK_ID } = options;
  if (!areNames(capabilities, MAX_CAPABILITIES)) {
    throw invalid("capabilities", `a list of at most ${MAX_CAPABILITIES} names`);
  }
  const peerId = assertName(options.peerId, "peerId");
  const peerName = assertName(options.peerName ?? peerId, "peerName");
  return { peerId, peerName, capabilities, networkId: assertName(networkId, "networkId") };
}

type Carriage = Pick<
  PeerNetworkSettings,
  | "maxPeers"
  | "heartbeatInterval"
  | "limits"
  | "clock"
  | "rng"
  | "transport"
  | "listenAddress"
  | "addressOf"
>;

function readCarriage(options: PeerNetworkOptions): Carriage {
  const { maxPeers = 64, heartbeatInterval = 5_000 } = options;
  const { clock = systemClock, rng = systemRng } = options;
  if (!(Number.isInteger(maxPeers) && maxPeers >= 1 && maxPeers <= MAX_LINKS)) {
    throw invalid("maxPeers", `a whole number from 1 to ${MAX_LINKS}`);
  }
  if (!(heartbeatInterval > 0)) throw invalid("heartbeatInterval", "above 0 ms");
  const limits = readLimits(options.limits);
  const common = { maxPeers, limits, clock, rng };
  const { transport, scheme } = readTransports(options, { ...common, secure: readTLS(options) });
  return {
    ...{ ...common, heartbeatInterval, transport },
    listenAddress: readListenAddress(options, scheme),
    addressOf: (host, port) => addressOf(scheme, host, port),
  };
}
