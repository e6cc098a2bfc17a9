import { LruMap } from "@net/core";

/** The latest calls of a tool that count. */
const SAMPLES = 256;
/** With fewer, nothing can be said of the slowest twentieth. */
const MIN_SAMPLES = 20;
/** A percentile is computed anew after so many new calls. */
const RENEW = 16;
/** The most tools remembered; the one not asked for longest is forgotten first. */
const MAX_TOOLS = 1_024;

/** How long the latest calls of one tool took. Exact, and forgets what is old. */
class Latencies {
  readonly #ring = new Float64Array(SAMPLES);
  #count = 0;
  #p95Ms: number | undefined;
  #known = 0;

  record(tookMs: number): void {
    this.#ring[this.#count % SAMPLES] = tookMs;
    this.#count += 1;
  }

  p95Ms(): number | undefined {
    if (this.#count < MIN_SAMPLES) return undefined;
    if (this.#p95Ms === undefined || this.#count - this.#known >= RENEW) this.#renew();
    return this.#p95Ms;
  }

  #renew(): void {
    const sorted = this.#ring.slice(0, Math.min(this.#count, SAMPLES)).sort();
    this.#p95Ms = sorted[Math.ceil(0.95 * sorted.length) - 1];
    this.#known = this.#count;
  }
}

/**
 * How long calls of each tool take from here, over all peers: a slow peer must not raise the bar by which it is found to
 * be slow.
 */
export class RecentLatencies {
  readonly #tools = new LruMap<string, Latencies>(MAX_TOOLS);

  /** A call of the tool took so long, or so long at least. */
  record(tool: string, tookMs: number): void {
    this.#of(tool).record(tookMs);
  }

  /** What 95 % of the tool's latest calls did not exceed, in ms; undefined before there were 20. */
  p95Ms(tool: string): number | undefined {
    return this.#tools.get(tool)?.p95Ms();
  }

  #of(tool: string): Latencies {
    const known = this.#tools.get(tool);
    if (known) return known;
    const latencies = new Latencies();
    this.#tools.set(tool, latencies);
    return latencies;
  }
}
