import type { LatencyViolation } from "./latency-watch.ts";

/** A round trip took longer than a policy allows, and the one before did not. */
export interface LatencyViolationEvent extends LatencyViolation {
  readonly peerId: string;
  /** The round trip, in ms. */
  readonly latency: number;
}

export interface HealthEvent {
  readonly peerId: string;
  /** The health score that decided. */
  readonly score: number;
}

/** What a QoS manager tells while it lives: changes only. */
export interface QoSEvents {
  "violation:latency": readonly [violation: LatencyViolationEvent];
  /** The score was below 60 at the end of three windows in a row. */
  "health:degraded": readonly [health: HealthEvent];
  /** It was degraded, and is above 70 now. */
  "health:recovered": readonly [health: HealthEvent];
}
