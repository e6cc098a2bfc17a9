import type { Clock } from "@net/core";
import type { PeerTraffic } from "../peer-traffic.ts";
import type { PolicyTable } from "../policy.ts";
import type { SharedBandwidth } from "../shaping/shared-bandwidth.ts";
import type { QueueMemory } from "./byte-budget.ts";

/** What a queue shares with the others of its manager, and whom it tells. */
export interface EgressContext {
  readonly clock: Clock;
  readonly policies: PolicyTable;
  /** Of the peer: its buckets and its throughput, whichever queue they leave by. */
  readonly traffic: PeerTraffic;
  readonly memory: QueueMemory;
  /** Undefined without a limit for all. */
  readonly bandwidth: SharedBandwidth | undefined;
  /** A frame has to wait because its type may not send more. */
  onThrottled(type: string, bytes: number): void;
  onClosed(): void;
}
