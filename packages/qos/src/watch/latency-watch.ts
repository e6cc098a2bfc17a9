import type { QoSPolicy } from "../policy.ts";

/** A connection that swings around a limit is told of at most this often, per type of message. */
const QUIET_MS = 1_000;

/** A limit that was passed. */
export interface LatencyViolation {
  /** The type of message whose policy sets the limit. */
  readonly type: string;
  /** The policy's `maxLatency`, in ms. */
  readonly limit: number;
}

interface Watch {
  above: boolean;
  toldAtMs: number;
}

/** Tells when the round trips of one connection pass a policy's limit, not while they stay above. */
export class LatencyWatch {
  readonly #watches = new Map<string, Watch>();

  /** The limits that this round trip is the first to pass. */
  check(
    rttMs: number,
    nowMs: number,
    policies: Iterable<readonly [type: string, policy: QoSPolicy]>,
  ): LatencyViolation[] {
    const violations: LatencyViolation[] = [];
    for (const [type, { maxLatency: limit }] of policies) {
      if (limit === undefined || !this.#passes(type, rttMs > limit, nowMs)) continue;
      violations.push({ type, limit });
    }
    return violations;
  }

  #passes(type: string, above: boolean, nowMs: number): boolean {
    const watch = this.#watches.get(type);
    if (!above) {
      if (watch) watch.above = false;
      return false;
    }
    if (watch && (watch.above || nowMs - watch.toldAtMs < QUIET_MS)) return false;
    this.#watches.set(type, { above: true, toldAtMs: nowMs });
    return true;
  }
}
