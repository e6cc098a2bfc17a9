import { assertAmount, assertPositive, type Clock } from "@net/core";
import { assertBandwidth, burstOf, bytesPerSecondOf } from "./bandwidth.ts";
import { QueueMemory } from "./egress/byte-budget.ts";
import type { EgressContext } from "./egress/egress-context.ts";
import type { EgressOptions } from "./egress/egress-options.ts";
import { EgressQueue } from "./egress/egress-queue.ts";
import type { FrameSink } from "./egress/frame-sink.ts";
import { PeerTraffic } from "./peer-traffic.ts";
import type { PolicyTable } from "./policy.ts";
import { SharedBandwidth } from "./shaping/shared-bandwidth.ts";

const DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;

export interface TrafficControlOptions {
  readonly clock: Clock;
  readonly policies: PolicyTable;
  readonly maxBandwidth: number | undefined;
  readonly maxQueuedBytes: number | undefined;
  /** A message of that type had to wait for its bandwidth, which is news. */
  readonly onViolation: (peerId: string, type: string, bytes: number) => void;
}

/** What leaves for all peers: its queues, their memory and the bandwidth they share. */
export class TrafficControl {
  readonly #options: TrafficControlOptions;
  readonly #clock: Clock;
  readonly #memory: QueueMemory;
  readonly #bandwidth: SharedBandwidth | undefined;
  readonly #peers = new Map<string, PeerTraffic>();

  /** @throws ValidationError */
  constructor(options: TrafficControlOptions) {
    const { clock, maxBandwidth, maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES } = options;
    this.#options = options;
    this.#clock = clock;
    this.#memory = new QueueMemory(assertPositive(maxQueuedBytes, "maxQueuedBytes"));
    if (maxBandwidth === undefined) return;
    assertBandwidth(maxBandwidth, "maxBandwidth");
    const rate = bytesPerSecondOf(maxBandwidth);
    this.#bandwidth = new SharedBandwidth(rate, burstOf(maxBandwidth), clock);
  }

  /** @throws ValidationError */
  openQueue(peerId: string, sink: FrameSink, options: EgressOptions): EgressQueue {
    const traffic = this.#peers.get(peerId) ?? new PeerTraffic(this.#clock);
    const queue = new EgressQueue(peerId, sink, this.#contextOf(peerId, traffic), options);
    // Only now: options that are wrong leave nothing behind.
    this.#peers.set(peerId, traffic);
    traffic.queues += 1;
    traffic.isForgotten = false;
    return queue;
  }

  shouldThrottle(peerId: string, type: string, bytes: number): boolean {
    assertAmount(bytes, "bytes");
    const nowMs = this.#clock.monotonicMs();
    if (this.#bandwidth?.isSpent(nowMs)) return true;
    if (this.#options.policies.get(type).maxBandwidth === undefined) return false;
    const bucket = this.#peers.get(peerId)?.knownBucket(type);
    return bucket !== undefined && bucket.waitMs(bytes, nowMs) > 0;
  }

  /** That left by another way than a queue: it is taken from what the type may send, if need be as debt. */
  sent(peerId: string, type: string, bytes: number): void {
    assertAmount(bytes, "bytes");
    const nowMs = this.#clock.monotonicMs();
    const traffic = this.#peers.get(peerId) ?? new PeerTraffic(this.#clock);
    this.#peers.set(peerId, traffic);
    const bucket = traffic.bucketOf(type, this.#options.policies.get(type));
    if (bucket && bucket.waitMs(bytes, nowMs) > 0) this.#heldBack(peerId, traffic, type, bytes);
    bucket?.take(bytes, nowMs);
    traffic.sent(bytes, nowMs);
  }

  bytesPerSecond(peerId: string): number | undefined {
    return this.#peers.get(peerId)?.throughput.bytesPerSecond(this.#clock.monotonicMs());
  }

  /** Drops what is known of a peer, or, while queues to it are open, when the last one closes. */
  forget(peerId: string): boolean {
    const traffic = this.#peers.get(peerId);
    if (!traffic) return false;
    traffic.isForgotten = true;
    this.#dropForgotten(peerId, traffic);
    return true;
  }

  #contextOf(peerId: string, traffic: PeerTraffic): EgressContext {
    return {
      ...{ clock: this.#clock, policies: this.#options.policies, traffic },
      ...{ memory: this.#memory, bandwidth: this.#bandwidth },
      onThrottled: (type, bytes) => this.#heldBack(peerId, traffic, type, bytes),
      onClosed: () => this.#closed(peerId, traffic),
    };
  }

  #heldBack(peerId: string, traffic: PeerTraffic, type: string, bytes: number): void {
    if (!traffic.bandwidth.heldBack(type, this.#clock.monotonicMs())) return;
    this.#options.onViolation(peerId, type, bytes);
  }

  #closed(peerId: string, traffic: PeerTraffic): void {
    traffic.queues -= 1;
    this.#dropForgotten(peerId, traffic);
  }

  #dropForgotten(peerId: string, traffic: PeerTraffic): void {
    if (traffic.isForgotten && traffic.queues === 0) this.#peers.delete(peerId);
  }
}
