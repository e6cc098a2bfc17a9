import type { Clock } from "@net/core";
import { burstOf, bytesPerSecondOf } from "./bandwidth.ts";
import { ThroughputMeter } from "./estimators/throughput-meter.ts";
import type { QoSPolicy } from "./policy.ts";
import { TokenBucket } from "./shaping/token-bucket.ts";
import { BandwidthWatch } from "./watch/bandwidth-watch.ts";

/** What leaves for one peer, by whichever queue: its throughput, and the bucket of each type that has a limit. */
export class PeerTraffic {
  readonly throughput: ThroughputMeter = new ThroughputMeter();
  readonly bandwidth: BandwidthWatch = new BandwidthWatch();
  /** How many queues to this peer are open. */
  queues = 0;
  /** Nobody wants to know of this peer any more, once its queues are closed. */
  isForgotten = false;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { readonly bucket: TokenBucket; limit: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The bucket of a type, shaped as its policy says; undefined if that has no limit. */
  readonly bucketOf = (type: string, { maxBandwidth }: QoSPolicy): TokenBucket | undefined => {
    if (maxBandwidth === undefined) {
      this.#buckets.delete(type);
      return undefined;
    }
    const entry = this.#buckets.get(type) ?? this.#open(type, maxBandwidth);
    if (entry.limit !== maxBandwidth) {
      entry.limit = maxBandwidth;
      entry.bucket.reshape(this.#shape(maxBandwidth));
    }
    return entry.bucket;
  };

  /** The bucket of a type, if anything of it was ever sent. */
  knownBucket(type: string): TokenBucket | undefined {
    return this.#buckets.get(type)?.bucket;
  }

  /** That many bytes left. */
  sent(bytes: number, nowMs: number): void {
    this.throughput.record(bytes, nowMs);
  }

  #open(type: string, limit: number): { readonly bucket: TokenBucket; limit: number } {
    const entry = { bucket: new TokenBucket(this.#shape(limit)), limit };
    this.#buckets.set(type, entry);
    return entry;
  }

  #shape(maxBandwidth: number): { bytesPerSecond: number; burstBytes: number; nowMs: number } {
    return {
      bytesPerSecond: bytesPerSecondOf(maxBandwidth),
      burstBytes: burstOf(maxBandwidth),
      nowMs: this.#clock.monotonicMs(),
    };
  }
}
