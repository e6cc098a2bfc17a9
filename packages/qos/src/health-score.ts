import { assertAmount, assertRatio } from "@net/core";

/** What the score is made of. Unknown round trips count as none: nothing speaks against that peer yet. */
export interface HealthInput {
  readonly rttMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  /** 0–1. */
  readonly lossRatio?: number | undefined;
}

/** Each of these, alone, is where a connection begins to feel bad. */
const BAD_RTT_MS = 200;
const BAD_JITTER_MS = 50;
const BAD_LOSS_RATIO = 0.05;

/**
 * How well a connection does, from 0 (unusable) to 100 (perfect):
 *
 * `100 (1 − p) / (1 + ½ L²/(1 + L) + ¼ J + ¾ P)`
 *
 * with p = loss, L = rtt / 200 ms, J = jitter / 50 ms, P = p / 5 %. It never rises when one of them does: each stands
 * only in the denominator or, as 1 − p, only in the numerator. Some values (rtt, jitter, loss): (50, 10, 0.5 %) is
 * 86.5; (200, 50, 2 %) is 54.4; (1000, 200, 10 %) is 16.1.
 *
 * @throws ValidationError
 */
export function healthScore({ rttMs = 0, jitterMs = 0, lossRatio = 0 }: HealthInput): number {
  const latency = assertAmount(rttMs, "rttMs") / BAD_RTT_MS;
  const jitter = assertAmount(jitterMs, "jitterMs") / BAD_JITTER_MS;
  const loss = assertRatio(lossRatio, "lossRatio") / BAD_LOSS_RATIO;
  const burden = (0.5 * latency ** 2) / (1 + latency) + 0.25 * jitter + 0.75 * loss;
  return (100 * (1 - lossRatio)) / (1 + burden);
}
