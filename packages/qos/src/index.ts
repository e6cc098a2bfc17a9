/**
 * `@net/qos`: how good the connections to peers are, how messages are treated, and in which order and how fast they
 * leave. Pure: no I/O, and a timer only while something waits for time to pass; the clock is handed in.
 *
 * @module
 */

// What the receiver allows
export { CHUNK_BYTES, ChunkAssembler, chunksOf } from "./credit/chunks.ts";
export { INITIAL_CREDIT_BYTES } from "./credit/credit-need.ts";
export {
  type CreditWindow,
  ReceiveCredit,
  type ReceiveCreditOptions,
} from "./credit/receive-credit.ts";
export { SendCredit } from "./credit/send-credit.ts";
export { WindowEstimator, type WindowEstimatorOptions } from "./credit/window-estimator.ts";

// The order in which messages leave
export type {
  EgressOfferOptions,
  EgressOptions,
  EgressSendOptions,
  FrameOptions,
} from "./egress/egress-options.ts";
export type { EgressQueue } from "./egress/egress-queue.ts";
export type { FrameSink } from "./egress/frame-sink.ts";
export type { Fate } from "./egress/queued-frame.ts";
// How good a connection is
export { JitterEstimator } from "./estimators/jitter-estimator.ts";
export {
  type CreateHistogram,
  LatencyHistogram,
  type RecordableHistogram,
} from "./estimators/latency-histogram.ts";
export { type LossKind, LossWindow } from "./estimators/loss-window.ts";
export { PhiDetector, type PhiDetectorOptions } from "./estimators/phi-detector.ts";
export { RttEstimator } from "./estimators/rtt-estimator.ts";
export { ThroughputMeter } from "./estimators/throughput-meter.ts";
export { type HealthInput, healthScore } from "./health-score.ts";
export type { MetricsUpdate, PeerMetrics } from "./peer-metrics.ts";
// How messages are treated
export { DEFAULT_POLICIES, type QoSPolicy, type RetryPolicy } from "./policy.ts";
export { PRIORITIES, type Priority } from "./priority.ts";
// All of it together
export type {
  BandwidthViolationEvent,
  HealthEvent,
  LatencyViolationEvent,
  QoSEvents,
} from "./qos-events.ts";
export { QoSManager, type QoSManagerOptions } from "./qos-manager.ts";
export { retryOptions } from "./retry-options.ts";
export { TokenBucket, type TokenBucketOptions } from "./shaping/token-bucket.ts";
