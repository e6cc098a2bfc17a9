import {
  assertAmount,
  assertPositive,
  type Clock,
  EventPublisher,
  systemClock,
  ValidationError,
} from "@net/core";
import type { EgressOptions } from "./egress/egress-options.ts";
import type { EgressQueue } from "./egress/egress-queue.ts";
import type { FrameSink } from "./egress/frame-sink.ts";
import type { CreateHistogram, LatencyHistogram } from "./estimators/latency-histogram.ts";
import { assertFate, type LossKind } from "./estimators/loss-window.ts";
import { healthScore } from "./health-score.ts";
import {
  assertLossKind,
  assertMetricsUpdate,
  type MetricsUpdate,
  type PeerMetrics,
} from "./peer-metrics.ts";
import { PeerState, type PeerStateOptions } from "./peer-state.ts";
import { PolicyTable, type QoSPolicy } from "./policy.ts";
import type { QoSEvents } from "./qos-events.ts";
import { TrafficControl } from "./traffic-control.ts";

export interface QoSManagerOptions {
  readonly clock?: Clock;
  /** Policies beside or in place of the default ones, by type of message. */
  readonly policies?: Readonly<Record<string, QoSPolicy>>;
  /** How long a window is in which health is judged once, in ms. Default 5000. */
  readonly healthWindow?: number;
  /** How often a peer is heard while all is well, in ms: what `getSuspicion` expects at first. Default 5000. */
  readonly heartbeatInterval?: number;
  /** What all queues together may send, in MB/s, shared by their weights. Default: no limit. */
  readonly maxBandwidth?: number;
  /**
   * What may wait in all queues together, each frame counted with 384 bytes of its own. Default 64 MiB. Beyond it each
   * queue may hold one frame, and its critical reserve.
   */
  readonly maxQueuedBytes?: number;
  /** `createHistogram` of `node:perf_hooks`, for {@link QoSManager.getLatencyHistogram}. */
  readonly createHistogram?: CreateHistogram;
}

const DEFAULT_HEALTH_WINDOW = 5_000;
const DEFAULT_HEARTBEAT_INTERVAL = 5_000;

/**
 * The quality of the connections to peers: what was measured, how healthy that is, and in which order and how fast
 * messages leave. It measures nothing itself, and sets a timer only while a message waits for bandwidth or a deadline.
 *
 * @example
 * ```ts
 * const qos = new QoSManager();
 * qos.setPolicy("video-stream", { priority: "high", maxBandwidth: 10, maxLatency: 100 });
 * qos.on("violation:latency", ({ peerId, latency }) => logger.warn(`${peerId}: ${latency} ms`));
 * qos.recordLatency("gpu-box", 12);
 * qos.getHealthScore("gpu-box"); // 99.8…
 * ```
 */
export class QoSManager extends EventPublisher<QoSEvents> {
  readonly #clock: Clock;
  readonly #peerOptions: PeerStateOptions;
  readonly #policies = new PolicyTable();
  readonly #peers = new Map<string, PeerState>();
  readonly #traffic: TrafficControl;

  /** @throws ValidationError */
  constructor(options: QoSManagerOptions = {}) {
    super();
    const { clock = systemClock, policies = {}, healthWindow = DEFAULT_HEALTH_WINDOW } = options;
    this.#clock = clock;
    const { heartbeatInterval = DEFAULT_HEARTBEAT_INTERVAL, createHistogram } = options;
    assertPositive(healthWindow, "healthWindow");
    assertPositive(heartbeatInterval, "heartbeatInterval");
    this.#peerOptions = { healthWindow, heartbeatInterval, createHistogram };
    for (const [type, policy] of Object.entries(policies)) this.setPolicy(type, policy);
    this.#traffic = new TrafficControl({
      ...{ clock, policies: this.#policies },
      ...{ maxBandwidth: options.maxBandwidth, maxQueuedBytes: options.maxQueuedBytes },
      onViolation: (peerId, type, bytes) => this.#bandwidthViolated(peerId, type, bytes),
    });
  }

  /**
   * Says how messages of that type are treated from now on, with those that wait already from the next one on.
   *
   * @throws ValidationError
   */
  setPolicy(type: string, policy: QoSPolicy): void {
    this.#policies.set(type, policy);
  }

  /** The policy of that type; one that nobody has named is of normal priority, without limits. */
  getPolicy(type: string): QoSPolicy {
    return this.#policies.get(type);
  }

  /** Takes one measured round trip to a peer. @throws ValidationError */
  recordLatency(peerId: string, rttMs: number): void {
    assertAmount(rttMs, "rttMs");
    const peer = this.#judged(peerId);
    peer.estimates.rtt.record(rttMs);
    peer.estimates.jitter.record(rttMs);
    peer.histogram?.record(rttMs);
    this.#watchLatency(peerId, peer, rttMs);
  }

  /**
   * Takes the fate of one probe, lost if no answer came within the peer's `rtoMs`; or of one datagram, if that is known.
   *
   * @throws ValidationError
   */
  recordLoss(peerId: string, lost: boolean, kind: LossKind = "probe-timeout"): void {
    assertLossKind(kind);
    assertFate(lost);
    this.#judged(peerId).estimates.recordLoss(lost, kind);
  }

  /**
   * A regular sign of life came from a peer, now, such as the answer to a heartbeat: {@link QoSManager.getSuspicion}
   * judges by their rhythm, so do not tell it of every message.
   *
   * @throws ValidationError
   */
  recordHeard(peerId: string): void {
    this.#state(peerId).liveness.heard(this.#clock.monotonicMs());
  }

  /**
   * A message left for a peer by another way than {@link QoSManager.createEgress}: it counts for the throughput and
   * for its type's bandwidth. Those that leave by a queue are counted there.
   *
   * @throws ValidationError
   */
  recordSent(peerId: string, type: string, bytes: number): void {
    assertPeerId(peerId);
    this.#traffic.sent(peerId, type, bytes);
  }

  /** Takes values measured elsewhere, in place of those known; what is left out stays. @throws ValidationError */
  updateMetrics(peerId: string, update: MetricsUpdate): void {
    assertMetricsUpdate(update);
    const peer = this.#judged(peerId);
    peer.estimates.update(update);
    if (update.rttMs !== undefined) this.#watchLatency(peerId, peer, update.rttMs);
  }

  /** What is known of the connection to that peer; undefined if nothing was recorded. */
  getMetrics(peerId: string): PeerMetrics | undefined {
    return this.#peers.get(peerId)?.estimates.snapshot(this.#traffic.bytesPerSecond(peerId));
  }

  /**
   * How well the connection to a peer does: 0 (unusable) to 100 (perfect), see `healthScore` for the formula. It never
   * rises with latency, jitter or loss. 100 for a peer of which nothing was recorded: nothing speaks against it.
   */
  getHealthScore(peerId: string): number {
    return this.#peers.get(peerId)?.score() ?? healthScore({});
  }

  /** How much a peer's silence suggests that it is gone: φ, see `PhiDetector`. Above 8 it almost surely is. */
  getSuspicion(peerId: string): number {
    return this.#peers.get(peerId)?.liveness.phi(this.#clock.monotonicMs()) ?? 0;
  }

  /** How the round trips to a peer are spread; undefined if none was recorded, or without `createHistogram`. */
  getLatencyHistogram(peerId: string): LatencyHistogram | undefined {
    return this.#peers.get(peerId)?.histogram;
  }

  /**
   * Whether a message of that size should wait, since its type, or all queues together, have sent what they may. It only
   * asks: what is sent counts when it leaves, see {@link QoSManager.recordSent}.
   *
   * @throws ValidationError
   */
  shouldThrottle(peerId: string, type: string, bytes: number): boolean {
    return this.#traffic.shouldThrottle(peerId, type, bytes);
  }

  /**
   * Drops everything recorded of a peer; says whether there was anything. Policies and open queues stay; what these
   * have sent is forgotten when the last of them closes.
   */
  forget(peerId: string): boolean {
    const hadTraffic = this.#traffic.forget(peerId);
    return this.#peers.delete(peerId) || hadTraffic;
  }

  /**
   * A queue in front of the link to a peer, which decides what leaves next, and when. Close it when the link ends.
   *
   * @throws ValidationError
   */
  createEgress(peerId: string, sink: FrameSink, options: EgressOptions = {}): EgressQueue {
    assertPeerId(peerId);
    return this.#traffic.openQueue(peerId, sink, options);
  }

  #state(peerId: string): PeerState {
    assertPeerId(peerId);
    const known = this.#peers.get(peerId);
    if (known) return known;
    const peer = new PeerState(this.#peerOptions);
    this.#peers.set(peerId, peer);
    return peer;
  }

  /** The state of a peer that is about to be measured, its health judged by what was measured until now. */
  #judged(peerId: string): PeerState {
    const peer = this.#state(peerId);
    const turn = peer.health.turn(this.#clock.monotonicMs(), () => peer.score());
    if (turn) this.emit(`health:${turn}`, { peerId, score: peer.score() });
    return peer;
  }

  #watchLatency(peerId: string, peer: PeerState, latency: number): void {
    const violations = peer.latency.check(latency, this.#clock.monotonicMs(), this.#policies);
    for (const violation of violations) {
      this.emit("violation:latency", { peerId, latency, ...violation });
    }
  }

  #bandwidthViolated(peerId: string, type: string, bytes: number): void {
    const limit = this.getPolicy(type).maxBandwidth;
    if (limit !== undefined) this.emit("violation:bandwidth", { peerId, type, bytes, limit });
  }
}

function assertPeerId(peerId: string): void {
  if (typeof peerId !== "string" || peerId === "") {
    throw new ValidationError("peerId must be a string that is not empty");
  }
}
