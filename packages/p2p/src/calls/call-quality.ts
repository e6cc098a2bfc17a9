import type { Clock } from "@net/core";
import type { PeerQuality } from "@net/routing";
import type { Failure, Outcome } from "../tools/outcome.ts";

/** How much the newest call moves the expectation. */
const WEIGHT = 0.3;
/**
 * What a call that got no answer counts as having taken, in ms: a peer that fails fast must not look fast. As in
 * Linkerd's failure accrual for its latency-aware balancer.
 */
const LOST_PENALTY_MS = 5_000;

/** A call under way. */
export interface TrackedCall {
  end(outcome: Outcome): void;
}

/** What this peer has seen of calls: how long they take, and how many wait, at each peer. Feeds a `ToolRouter`. */
export class CallQuality implements PeerQuality {
  readonly #clock: Clock;
  readonly #pending = new Map<string, number>();
  readonly #latencyMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Exponentially weighted moving average; undefined for a peer that was not called yet. */
  latencyMs(peerId: string): number | undefined {
    return this.#latencyMs.get(peerId);
  }

  pending(peerId: string): number {
    return this.#pending.get(peerId) ?? 0;
  }

  start(peerId: string): TrackedCall {
    const startMs = this.#clock.monotonicMs();
    this.#pending.set(peerId, this.pending(peerId) + 1);
    return { end: (outcome) => this.#end(peerId, this.#clock.monotonicMs() - startMs, outcome) };
  }

  /** Drops what was seen of a peer that is gone. */
  forget(peerId: string): void {
    this.#latencyMs.delete(peerId);
  }

  #end(peerId: string, tookMs: number, outcome: Outcome): void {
    const pending = this.pending(peerId) - 1;
    if (pending > 0) this.#pending.set(peerId, pending);
    else this.#pending.delete(peerId);
    if (outcome.ok || outcome.fate === "failed") this.#learn(peerId, tookMs);
    else if (isFaultOfPeer(outcome)) this.#learn(peerId, Math.max(tookMs, LOST_PENALTY_MS));
  }

  #learn(peerId: string, tookMs: number): void {
    const known = this.#latencyMs.get(peerId);
    this.#latencyMs.set(peerId, known === undefined ? tookMs : known + WEIGHT * (tookMs - known));
  }
}

/** It was lost, busy or out of reach; not that the caller asked for the wrong thing, or did not wait. */
function isFaultOfPeer({ fate, error }: Failure): boolean {
  return fate === "lost" || (fate === "not-run" && error.retryable);
}
