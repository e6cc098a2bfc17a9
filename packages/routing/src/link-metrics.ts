import { isAmount, isRatio, isRecord } from "@net/core";
import { invalid } from "./names.ts";

/** What was measured on a link to a neighbour. All of it may be unknown. */
export interface LinkMetrics {
  /** Smoothed round-trip time. */
  readonly rttMs?: number | undefined;
  /** Smoothed mean deviation of the round-trip time. */
  readonly jitterMs?: number | undefined;
  /** Share of probes that got no answer, whichever way was lost: 0–1. */
  readonly lossRatio?: number | undefined;
  /** Throughput. Kept and shown; the default cost does not use it. */
  readonly bytesPerSecond?: number | undefined;
  /** How busy the other end is: 0 idle, 1 full. */
  readonly load?: number | undefined;
}

const amounts = ["rttMs", "jitterMs", "bytesPerSecond"] as const;
const ratios = ["lossRatio", "load"] as const;

/** The known ones among the metrics, copied. @throws ValidationError */
export function readLinkMetrics(metrics: LinkMetrics): LinkMetrics {
  if (!isRecord(metrics)) throw invalid("an object", "metrics");
  const known: { -readonly [Name in keyof LinkMetrics]: LinkMetrics[Name] } = {};
  for (const name of amounts) {
    const value = metrics[name];
    if (value === undefined) continue;
    if (!isAmount(value)) throw invalid("a finite number of 0 or more", "metrics", name);
    known[name] = value;
  }
  for (const name of ratios) {
    const value = metrics[name];
    if (value === undefined) continue;
    if (!isRatio(value)) throw invalid("a number from 0 to 1", "metrics", name);
    known[name] = value;
  }
  return known;
}
