import { ValidationError } from "@net/core";
import type { LinkMetrics } from "./link-metrics.ts";

/** Turns what was measured on a link into what crossing it costs, in µs. More is worse. */
export type CostFunction = (metrics: LinkMetrics) => number;

/** The largest cost of a link: costs travel as unsigned 32-bit integers. */
export const MAX_COST_US: number = 2 ** 32 - 1;

/** What any hop costs, however short its link: a relay's work, and a reason not to prefer many small hops. */
const HOP_US = 1_000;
/** Taken for a link that nobody has measured: usable, but any measured link of a LAN or a country is preferred. */
const UNMEASURED_RTT_MS = 100;
/** Loss makes a link at most this much dearer: above it, only the order of very bad links would still change. */
const MAX_ATTEMPTS = 10;
/** Load counts in eighths, so that its flicker does not move routes. */
const LOAD_STEPS = 8;

/** A change must be above both of these to count: 10 % and 1 ms. */
const CHANGE_RATIO = 0.1;
const CHANGE_US = 1_000;

/**
 * The default cost of a link in one direction, in whole µs:
 *
 * `(1000 + rtt/2 + jitter) · min(10, 1/(1 − loss)) · (1 + load)`
 *
 * `1/(1 − loss)` is the number of tries a message needs: the expected transmission count of De Couto et al., "A
 * High-Throughput Path Metric for Multi-Hop Wireless Routing" (MobiCom 2003); the loss of a probe and its answer
 * already holds both directions. `load` is taken in eighths. A link without a measured round trip counts as 100 ms.
 */
export function linkCostUs({
  rttMs = UNMEASURED_RTT_MS,
  jitterMs = 0,
  lossRatio = 0,
  load = 0,
}: LinkMetrics): number {
  const delayUs = HOP_US + (rttMs * 1_000) / 2 + jitterMs * 1_000;
  const attempts = Math.min(MAX_ATTEMPTS, 1 / (1 - lossRatio));
  const congestion = 1 + Math.round(load * LOAD_STEPS) / LOAD_STEPS;
  return wholeCostUs(delayUs * attempts * congestion);
}

/**
 * Rounds and limits a cost to what can travel: 1 to 2³² − 1. No link is free, or shortest paths could circle.
 *
 * @throws ValidationError if a cost function gave no number.
 */
export function wholeCostUs(costUs: number): number {
  if (typeof costUs !== "number" || Number.isNaN(costUs))
    throw new ValidationError("the cost of a link must be a number of µs");
  return Math.min(MAX_COST_US, Math.max(1, Math.round(costUs)));
}

/** True for a cost as it travels. */
export function isCostUs(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_COST_US;
}

/** Whether a cost moved enough to tell others: by more than 10 % and 1 ms. Less would only make routes flap. */
export function isSignificantChange(fromUs: number, toUs: number): boolean {
  return Math.abs(toUs - fromUs) > Math.max(CHANGE_RATIO * fromUs, CHANGE_US);
}
