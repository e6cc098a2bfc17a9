/** The latest calls of a tool that count. */
const SAMPLES = 256;
/** With fewer, nothing can be said of the slowest twentieth. */
const MIN_SAMPLES = 20;
/** A percentile is computed anew after so many new calls. */
const RENEW = 16;
/** The most tools remembered; the one not called for longest is forgotten first. */
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
  readonly #tools = new Map<string, Latencies>();

  /** A call of the tool took so long, or so long at least. */
  record(tool: string, tookMs: number): void {
    const latencies = this.#tools.get(tool) ?? new Latencies();
    latencies.record(tookMs);
    this.#tools.delete(tool);
    this.#tools.set(tool, latencies);
    if (this.#tools.size <= MAX_TOOLS) return;
    const [oldest = tool] = this.#tools.keys();
    this.#tools.delete(oldest);
  }

  /** What 95 % of the tool's latest calls did not exceed, in ms; undefined before there were 20. */
  p95Ms(tool: string): number | undefined {
    return this.#tools.get(tool)?.p95Ms();
  }
}
