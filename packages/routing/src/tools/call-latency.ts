import { type Clock, systemClock } from "@net/core";
import { DecayingMean } from "./decaying-mean.ts";
import type { PeerQuality } from "./peer-quality.ts";

/** How long a past call weighs, in ms: after so long without another, what it showed has shrunk to a third. Finagle's default. */
const DECAY_TIME = 10_000;
/** What a call that failed counts as having taken at least, in ms, so that who fails fast does not look fast. Linkerd's. */
export const FAILURE_PENALTY = 5_000;
/** After so many failures in a row a peer is left alone, as with Envoy's outlier detection, */
const MAX_FAILURES = 5;
/** for so long, in ms; then it gets another chance. */
const REST_TIME = 30_000;
/** The most peers remembered; the one not asked about for longest is forgotten first. */
const MAX_PEERS = 16_384;

/** A call under way. Only the first ending counts. */
export interface TimedCall {
  /** The peer answered; an error of the tool is an answer too. */
  succeed(): void;
  /** The peer did not answer, or could not take the call. */
  fail(): void;
}

interface Seen {
  latencyMs: number;
  atMs: number;
  pending: number;
  failures: number;
  failedAtMs: number;
  /** Whether a call has ended there. */
  tried: boolean;
}

/**
 * What calls have shown of peers: a peak-sensitive average of their latency, as Finagle's "Peak EWMA" balancer keeps it. A
 * call that takes longer than expected counts at once, a shorter one bit by bit, and without calls the
 * expectation shrinks, so that a slow peer is tried again.
 *
 * A new peer begins with the mean of those known, which shrinks too: it is neither flooded nor left out.
 *
 * @example
 * ```ts
 * const quality = new CallLatency();
 * const router = new ToolRouter({ quality });
 * const call = quality.start(peer.peerId);
 * try { await invoke(peer); call.succeed(); } catch (error) { call.fail(); throw error; }
 * ```
 */
export class CallLatency implements PeerQuality {
  readonly #clock: Clock;
  /** Ordered by when they were last asked about. */
  readonly #seen = new Map<string, Seen>();
  /** Of the peers that were tried. */
  readonly #expected = new DecayingMean(DECAY_TIME);

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  start(peerId: string): TimedCall {
    const seen = this.#of(peerId);
    const startMs = this.#clock.monotonicMs();
    let ended = false;
    seen.pending += 1;
    const end = (failed: boolean): void => {
      if (ended) return;
      ended = true;
      seen.pending -= 1;
      const tookMs = this.#clock.monotonicMs() - startMs;
      // Of a peer that was forgotten meanwhile nothing is learnt.
      if (this.#seen.get(peerId) === seen) this.#learn(seen, tookMs, failed);
    };
    return { succeed: () => end(false), fail: () => end(true) };
  }

  latencyMs(peerId: string): number {
    const seen = this.#of(peerId);
    return seen.latencyMs * this.#weight(seen);
  }

  pending(peerId: string): number {
    return this.#seen.get(peerId)?.pending ?? 0;
  }

  isHealthy(peerId: string): boolean {
    const seen = this.#seen.get(peerId);
    if (!seen || seen.failures < MAX_FAILURES) return true;
    return this.#clock.monotonicMs() - seen.failedAtMs >= REST_TIME;
  }

  /** Drops what was seen of a peer that is gone. */
  forget(peerId: string): void {
    const seen = this.#seen.get(peerId);
    if (!seen) return;
    this.#seen.delete(peerId);
    this.#expectNoMore(seen);
  }

  #learn(seen: Seen, tookMs: number, failed: boolean): void {
    const latencyMs = failed ? Math.max(FAILURE_PENALTY, tookMs) : tookMs;
    const weight = this.#weight(seen);
    const expectedMs = seen.latencyMs * weight;
    const blended = seen.tried ? latencyMs * (1 - weight) + expectedMs : latencyMs;
    this.#expectNoMore(seen);
    seen.latencyMs = latencyMs > expectedMs ? latencyMs : blended;
    seen.atMs = this.#clock.monotonicMs();
    seen.tried = true;
    this.#expected.add(seen.latencyMs, seen.atMs);
    seen.failures = failed ? seen.failures + 1 : 0;
    if (failed) seen.failedAtMs = seen.atMs;
  }

  /** How much of what was seen last still counts. */
  #weight({ atMs }: Seen): number {
    return this.#expected.weight(atMs, this.#clock.monotonicMs());
  }

  #expectNoMore({ tried, latencyMs, atMs }: Seen): void {
    if (tried) this.#expected.remove(latencyMs, atMs, this.#clock.monotonicMs());
  }

  #of(peerId: string): Seen {
    const seen = this.#seen.get(peerId) ?? this.#newcomer();
    this.#seen.delete(peerId);
    this.#seen.set(peerId, seen);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_PEERS && oldest !== undefined) this.forget(oldest);
    return seen;
  }

  #newcomer(): Seen {
    const atMs = this.#clock.monotonicMs();
    const latencyMs = this.#expected.mean(atMs);
    return { latencyMs, atMs, pending: 0, failures: 0, failedAtMs: 0, tried: false };
  }
}
