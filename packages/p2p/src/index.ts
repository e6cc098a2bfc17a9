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
export type { AllowOptions } from "./admission/allow-list.ts";
export type { KnownPeers } from "./admission/known-peers.ts";
export {
  type Claims,
  type TokenClaims,
  TokenIssuer,
  type TokenIssuerOptions,
  type TokenSigner,
} from "./admission/token.ts";
export { IncomingStream } from "./calls/incoming-stream.ts";
// Calls
export type { CallPriority, Invocation } from "./calls/question.ts";
export { type CallEnding, type CallResult, type CallSink, ToolCall } from "./calls/tool-call.ts";
// Finding peers
export type { BroadcastDiscoveryOptions } from "./discovery/broadcast/options.ts";
export { DeviceDiscovery } from "./discovery/device-discovery.ts";
export { type DiscoverOptions, discoverNodes, type FoundNode } from "./discovery/discover.ts";
export type { MdnsOptions } from "./discovery/mdns-options.ts";
export type { NodeSource } from "./discovery/nodes/found-node.ts";
export type { Identified } from "./discovery/nodes/sighting.ts";
export type { NodeTrust } from "./discovery/nodes/trust.ts";
export type { PeerDiscoveryOptions } from "./discovery/peer-discovery-options.ts";
export type { Identify } from "./discovery/range/identify.ts";
export type { RangeOptions } from "./discovery/range/options.ts";
export type { PeerRecord } from "./discovery/record/peer-record.ts";
export {
  offerRendezvous,
  type RendezvousCaller,
  type RendezvousHolder,
  rendezvousAt,
} from "./discovery/rendezvous/mesh-rendezvous.ts";
export {
  RendezvousRegistry,
  type RendezvousRegistryOptions,
} from "./discovery/rendezvous/registry.ts";
export type { Rendezvous, RendezvousCallOptions } from "./discovery/rendezvous/rendezvous.ts";
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
  type HedgeOptions,
  type ParallelOptions,
  type ParallelRequest,
  type ParallelResult,
} from "./executor/distributed-executor.ts";
export type { ExecutionPeer, ExecutionStats } from "./executor/execution-stats.ts";
// Topics
export type { PublishOptions } from "./gossip/pubsub/pub-sub.ts";
export type {
  PublishedMessage,
  SubscribeOptions,
  Subscription,
  TopicHandler,
} from "./gossip/pubsub/subscription.ts";
export type { Refusal } from "./links/links.ts";
// Who lives
export type { PartitionHealing, PartitionView } from "./liveness/partition-observer.ts";
export type { LivenessReason, LivenessState } from "./liveness/verdict.ts";
export type { CallOptions } from "./options/call-options.ts";
export {
  type AdmissionSettings,
  DEFAULT_LIMITS,
  type PeerLimits,
  type PeerNetworkOptions,
  type PeerNetworkOptions as PeerNetworkConfig,
} from "./options.ts";
// Letting a new device in
export { formatInvitation, type PairingInvitation, parseInvitation } from "./pairing/invitation.ts";
export type { OfferPairingOptions, PairingOffer } from "./pairing/offer-options.ts";
export { offerPairing } from "./pairing/offer-pairing.ts";
export { type PairDeviceOptions, type PairedDevice, pairDevice } from "./pairing/pair-device.ts";
export {
  type ConnectOptions,
  PeerNetwork,
  type QoSMetrics,
} from "./peer-network.ts";
export type { ChannelBinding } from "./secure/channel-policy.ts";
export type { ToolAnnotations } from "./tools/annotations.ts";
export type { ToolManifest } from "./tools/manifest.ts";
// Tools
export type { Failure, Fate, Outcome, Success } from "./tools/outcome.ts";
export type { BoundedRunOptions } from "./tools/run-options.ts";
export type { JsonSchema } from "./tools/schema/json-schema.ts";
export type { ToolSchema } from "./tools/schema/tool-schema.ts";
export type { AllowedCommand } from "./tools/shell/allow-list.ts";
export type { ShellCommand } from "./tools/shell/command.ts";
export {
  type ShellChunk,
  type ShellHandler,
  type ShellResult,
  type ShellToolOptions,
  shellTool,
} from "./tools/shell/shell-tool.ts";
export {
  type Caller,
  DEFAULT_TOOL_CONCURRENCY,
  type ToolContext,
  type ToolDefinition,
  type ToolHandler,
} from "./tools/tool.ts";
export { type RunOptions, ToolExecutor, type ToolExecutorOptions } from "./tools/tool-executor.ts";
export type { ChunkSink } from "./tools/tool-stream.ts";
export type { ExecutionContext } from "./wire/calls.ts";
