/** RFC 6298 §2: the weights of a new sample. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/** Before anything is known, as RFC 6298 §2.1 has it. */
const INITIAL = 1_000;
/** Less would take a busy machine's delay for a firewall. Such delays do not grow with each asking: nor does this. */
const MIN = 100;
const MAX = 1_000;

/** Estimates from round trips how long the next answer may take (RFC 6298 §2). */
export class RttEstimator {
  #smoothedMs: number | undefined;
  #variationMs = 0;

  add(rttMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = rttMs;
      this.#variationMs = rttMs / 2;
      return;
    }
    const difference = Math.abs(this.#smoothedMs - rttMs);
    this.#variationMs += BETA * (difference - this.#variationMs);
    this.#smoothedMs += ALPHA * (rttMs - this.#smoothedMs);
  }

  /** In ms; undefined before the first sample. */
  get timeoutMs(): number | undefined {
    if (this.#smoothedMs === undefined) return undefined;
    return this.#smoothedMs + K * this.#variationMs;
  }
}

/** How long to wait for each host: by its own answers, else by those of the others. */
export class Patience {
  readonly #fixed: number | undefined;
  readonly #all = new RttEstimator();
  readonly #hosts = new Map<string, RttEstimator>();

  constructor(timeout: number | "adaptive") {
    this.#fixed = timeout === "adaptive" ? undefined : timeout;
  }

  learn(address: string, rttMs: number): void {
    if (this.#fixed !== undefined) return;
    const host = this.#hosts.get(address) ?? new RttEstimator();
    this.#hosts.set(address, host);
    host.add(rttMs);
    this.#all.add(rttMs);
  }

  /** In ms: the time a host needs, from 100 ms to 1 s; twice that time for each time it was asked before. */
  timeoutMs(address: string, asked: number): number {
    const again = 2 ** asked;
    if (this.#fixed !== undefined) return this.#fixed * again;
    const learnt = this.#hosts.get(address)?.timeoutMs ?? this.#all.timeoutMs ?? INITIAL;
    return Math.max(MIN, Math.min(MAX, learnt) * again);
  }
}
