import type { LatencyViolation } from "./watch/latency-watch.ts";

/** A round trip took longer than a policy allows, and the one before did not. */
export interface LatencyViolationEvent extends LatencyViolation {
  readonly peerId: string;
  /** The round trip, in ms. */
  readonly latency: number;
}

/** A message has to wait, or was sent all the same, because its type has used up its bandwidth. */
export interface BandwidthViolationEvent {
  readonly peerId: string;
  readonly type: string;
  /** The size of the message. */
  readonly bytes: number;
  /** The policy's `maxBandwidth`, in MB/s. */
  readonly limit: number;
}

export interface HealthEvent {
  readonly peerId: string;
  /** The health score that decided. */
  readonly score: number;
}

/** What a QoS manager tells while it lives: changes only. */
export interface QoSEvents {
  "violation:latency": readonly [violation: LatencyViolationEvent];
  /** Told when a type begins to be held back, and again only after a second in which it was not. */
  "violation:bandwidth": readonly [violation: BandwidthViolationEvent];
  /** The score was below 60 at the end of three windows in a row. */
  "health:degraded": readonly [health: HealthEvent];
  /** It was degraded, and is above 70 now. */
  "health:recovered": readonly [health: HealthEvent];
}
