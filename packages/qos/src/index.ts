/**
 * `@net/qos`: how good the connections to peers are, how messages are treated, and in which order they leave. Pure: no
 * I/O, no timers; time is handed in.
 *
 * @module
 */

// The order in which messages leave
export {
  type EgressOptions,
  EgressQueue,
  type EgressSendOptions,
} from "./egress/egress-queue.ts";
export type { FrameSink } from "./egress/frame-sink.ts";
// How good a connection is
export { type HealthInput, healthScore } from "./health-score.ts";
export { JitterEstimator } from "./jitter-estimator.ts";
export { LossWindow } from "./loss-window.ts";
export type { MetricsUpdate, PeerMetrics } from "./peer-metrics.ts";
// How messages are treated
export { DEFAULT_POLICIES, type QoSPolicy, type RetryPolicy } from "./policy.ts";
export { PRIORITIES, type Priority } from "./priority.ts";
// All of it together
export type { HealthEvent, LatencyViolationEvent, QoSEvents } from "./qos-events.ts";
export { QoSManager, type QoSManagerOptions } from "./qos-manager.ts";
export { RttEstimator } from "./rtt-estimator.ts";
