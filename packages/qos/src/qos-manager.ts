import {
  assertAmount,
  assertPositive,
  type Clock,
  EventPublisher,
  systemClock,
  ValidationError,
} from "@net/core";
import { type EgressOptions, EgressQueue } from "./egress/egress-queue.ts";
import type { FrameSink } from "./egress/frame-sink.ts";
import { HealthMonitor } from "./health-monitor.ts";
import { healthScore } from "./health-score.ts";
import { LatencyWatch } from "./latency-watch.ts";
import {
  assertMetricsUpdate,
  type MetricsUpdate,
  PeerEstimates,
  type PeerMetrics,
} from "./peer-metrics.ts";
import { PolicyTable, type QoSPolicy } from "./policy.ts";
import type { QoSEvents } from "./qos-events.ts";

export interface QoSManagerOptions {
  readonly clock?: Clock;
  /** Policies beside or in place of the default ones, by type of message. */
  readonly policies?: Readonly<Record<string, QoSPolicy>>;
  /** How long a window is in which health is judged once, in ms. Default 5000. */
  readonly healthWindow?: number;
}

const DEFAULT_HEALTH_WINDOW = 5_000;

/** All that is kept of one peer. */
class PeerState {
  readonly estimates: PeerEstimates = new PeerEstimates();
  readonly latency: LatencyWatch = new LatencyWatch();
  readonly health: HealthMonitor;

  constructor(healthWindow: number) {
    this.health = new HealthMonitor(healthWindow);
  }

  score(): number {
    return healthScore(this.estimates.snapshot());
  }
}

/**
 * The quality of the connections to peers: what was measured, how healthy that is, and in which order messages leave.
 * It measures nothing itself and sets no timer.
 *
 * @example
 * ```ts
 * const qos = new QoSManager();
 * qos.setPolicy("video-stream", { priority: "high", maxLatency: 100 });
 * qos.on("violation:latency", ({ peerId, latency }) => logger.warn(`${peerId}: ${latency} ms`));
 * qos.recordLatency("gpu-box", 12);
 * qos.getHealthScore("gpu-box"); // 99.8…
 * ```
 */
export class QoSManager extends EventPublisher<QoSEvents> {
  readonly #clock: Clock;
  readonly #healthWindow: number;
  readonly #policies = new PolicyTable();
  readonly #peers = new Map<string, PeerState>();

  /** @throws ValidationError */
  constructor(options: QoSManagerOptions = {}) {
    super();
    const { clock = systemClock, policies = {}, healthWindow = DEFAULT_HEALTH_WINDOW } = options;
    this.#clock = clock;
    this.#healthWindow = assertPositive(healthWindow, "healthWindow");
    for (const [type, policy] of Object.entries(policies)) this.setPolicy(type, policy);
  }

  /** Says how messages of that type are treated from now on. @throws ValidationError */
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
    this.#watchLatency(peerId, peer, rttMs);
  }

  /** Takes the fate of one probe: `true` if no answer came within the peer's `rtoMs`. */
  recordLoss(peerId: string, lost: boolean): void {
    this.#judged(peerId).estimates.loss.record(lost);
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
    return this.#peers.get(peerId)?.estimates.snapshot();
  }

  /**
   * How well the connection to a peer does: 0 (unusable) to 100 (perfect), see `healthScore` for the formula. It never
   * rises with latency, jitter or loss. 100 for a peer of which nothing was recorded: nothing speaks against it.
   */
  getHealthScore(peerId: string): number {
    return this.#peers.get(peerId)?.score() ?? healthScore({});
  }

  /** Drops everything recorded of a peer; says whether there was anything. Policies and open queues stay. */
  forget(peerId: string): boolean {
    return this.#peers.delete(peerId);
  }

  /**
   * A queue in front of the link to a peer, which lets urgent messages pass others that wait. Close it when the link
   * ends.
   *
   * @throws ValidationError
   */
  createEgress(peerId: string, sink: FrameSink, options: EgressOptions = {}): EgressQueue {
    assertPeerId(peerId);
    const priorityOf = (type: string): QoSPolicy["priority"] => this.getPolicy(type).priority;
    return new EgressQueue(peerId, sink, priorityOf, options);
  }

  /** The state of a peer that is about to be measured, its health judged by what was measured until now. */
  #judged(peerId: string): PeerState {
    assertPeerId(peerId);
    const peer = this.#peers.get(peerId) ?? new PeerState(this.#healthWindow);
    this.#peers.set(peerId, peer);
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
}

function assertPeerId(peerId: string): void {
  if (typeof peerId !== "string" || peerId === "") {
    throw new ValidationError("peerId must be a string that is not empty");
  }
}
