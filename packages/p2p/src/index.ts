/**
 * `@net/p2p`: a mesh of peers that call each other's tools, over relays when they must, without a server. For Node.
 *
 * @module
 */

// How messages are treated: @net/qos's
export type { QoSPolicy } from "@net/qos";
// Choosing a peer: @net/routing's, so that one import is enough
export {
  type PeerQuality,
  type ToolCandidate,
  type ToolChoiceOptions,
  ToolRouter,
  type ToolRouterOptions,
} from "@net/routing";
// Who may be linked
export type { Admit, Applicant, Ownership } from "./admission/admission.ts";
export type { Claims, TokenClaims } from "./admission/token.ts";
// Calls
export type { Invocation } from "./calls/outgoing.ts";
export { type CallResult, ToolCall } from "./calls/tool-call.ts";
// Finding peers
export { DeviceDiscovery } from "./discovery/device-discovery.ts";
export { type DiscoverOptions, discoverNodes, type FoundNode } from "./discovery/discover.ts";
export type { MdnsOptions } from "./discovery/mdns-options.ts";
// The network
export type {
  ConnectedPeer,
  OutgoingMessage,
  PeerMessage,
  PeerNetworkEvents,
} from "./events.ts";
// Running tools wherever they run best
export {
  DistributedExecutor,
  type DistributedExecutorOptions,
  type ExecuteOptions,
  type Execution,
  type ExecutionRequest,
  type ParallelOptions,
  type ParallelResult,
} from "./executor/distributed-executor.ts";
export type { ExecutionStats } from "./executor/execution-stats.ts";
export type { Refusal } from "./links/links.ts";
export type { PeerNetworkOptions, PeerNetworkOptions as PeerNetworkConfig } from "./options.ts";
// Letting a new device in
export { formatInvitation, type PairingInvitation, parseInvitation } from "./pairing/invitation.ts";
export {
  type OfferPairingOptions,
  offerPairing,
  type PairingOffer,
} from "./pairing/offer-pairing.ts";
export { type PairDeviceOptions, type PairedDevice, pairDevice } from "./pairing/pair-device.ts";
export {
  type CallOptions,
  type ConnectOptions,
  PeerNetwork,
  type QoSMetrics,
} from "./peer-network.ts";
// Tools
export type { Failure, Fate, Outcome, Success } from "./tools/outcome.ts";
export {
  type Caller,
  DEFAULT_TOOL_CONCURRENCY,
  type ToolContext,
  type ToolDefinition,
  type ToolHandler,
} from "./tools/tool.ts";
export { type RunOptions, ToolExecutor, type ToolExecutorOptions } from "./tools/tool-executor.ts";
export type { ExecutionContext } from "./wire/calls.ts";
