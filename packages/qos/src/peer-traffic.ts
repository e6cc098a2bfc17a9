import type { Clock } from "@net/core";
import { ThroughputMeter } from "./estimators/throughput-meter.ts";
import type { QoSPolicy } from "./policy.ts";
import { TokenBucket } from "./shaping/token-bucket.ts";
import { BandwidthWatch } from "./watch/bandwidth-watch.ts";

const BYTES_PER_MB = 1e6;
/** What a bucket holds: at least a chunk, and what fills in 50 ms, so that late timers cost no bandwidth. */
const MIN_BURST_BYTES = 16 * 1024;
const BURST_MS = 50;

/** How much may leave at once where `maxBandwidth`, in MB/s, limits it. */
export function burstOf(maxBandwidth: number): number {
  return Math.max(MIN_BURST_BYTES, (maxBandwidth * BYTES_PER_MB * BURST_MS) / 1_000);
}

/** Bytes per second of a bandwidth in MB/s. */
export function bytesPerSecondOf(maxBandwidth: number): number {
  return maxBandwidth * BYTES_PER_MB;
}

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
