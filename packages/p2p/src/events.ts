import type { CloseReason } from "@net/core";
import type { PartitionRisk, TopologyUpdate } from "@net/routing";
import type { Refusal } from "./links/links.ts";
import type { PartitionHealing, PartitionView } from "./liveness/partition-observer.ts";
import type { LivenessReason, LivenessState } from "./liveness/verdict.ts";

/** A neighbour: a peer to which there is a link. */
export interface ConnectedPeer {
  readonly peerId: string;
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Where it was dialled, or where it came from. */
  readonly address: string;
  /** Smoothed round-trip time; undefined until the first heartbeat is answered. */
  readonly rttMs: number | undefined;
  /** Since the epoch. */
  readonly connectedAtMs: number;
}

/** A message as it is sent. */
export interface OutgoingMessage {
  /** What kind of message it is: at most 128 characters. */
  readonly type: string;
  /** JSON, with `Uint8Array`s at any place. */
  readonly data?: unknown;
}

/** A message as it arrived. */
export interface PeerMessage {
  /** Who sent it, as it has proven. */
  readonly from: string;
  readonly type: string;
  readonly data: unknown;
}

/** What a network tells while it lives. */
export interface PeerNetworkEvents {
  "peer:connected": readonly [peer: ConnectedPeer];
  "peer:disconnected": readonly [peerId: string, reason: CloseReason];
  /** A link did not come to be, because this peer or the other did not want it. */
  "peer:refused": readonly [refusal: Refusal];
  /** What is thought of a neighbour has changed; of a `dead` one the link is ended. */
  "peer:state": readonly [peerId: string, state: LivenessState, reason: LivenessReason];
  message: readonly [message: PeerMessage];
  "topology:updated": readonly [update: TopologyUpdate];
  /** Peers were lost that did not say goodbye: all on this side tell the same. */
  "partition:detected": readonly [partition: PartitionView];
  /** Lost peers are back. */
  "partition:healed": readonly [healing: PartitionHealing];
  /** A single failure could now cut peers off that it could not before. */
  "partition:risk": readonly [risk: PartitionRisk];
}
