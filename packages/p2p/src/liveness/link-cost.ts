import { type LinkMetrics, linkCostUs } from "@net/routing";
import type { LivenessState } from "./verdict.ts";

// How a suspicion spreads: in the adverts that there are anyway. A link whose other end does not answer costs more than any
// link in the world, so that routes lead around it; and a peer that can only be reached over such links is suspect for all.

/** A thousand seconds: what a link to a suspect costs on top, in µs. */
const SUSPECT_COST_US = 1_000_000_000;
/** A hundred seconds, of which a route of at most seven links cannot make a thousand. */
const BUSY_COST_US = 100_000_000;

/** What is measured is less than what is said so: a link on which the one probe so far was late is no suspect's. */
const MAX_MEASURED = 0.99;

/** What was measured on a link, as it is told to the topology: of a suspect every probe is lost, who is busy is full. */
export function metricsOf(state: LivenessState, measured: LinkMetrics): LinkMetrics {
  const lossRatio = Math.min(measured.lossRatio ?? 0, MAX_MEASURED);
  const load = Math.min(measured.load ?? 0, MAX_MEASURED);
  if (state === "alive") return { ...measured, lossRatio, load };
  if (state === "busy") return { ...measured, lossRatio, load: 1 };
  return { ...measured, lossRatio: 1, load };
}

/** The mesh's `CostFunction`. */
export function meshCostUs(metrics: LinkMetrics): number {
  if (metrics.lossRatio === 1) return linkCostUs(metrics) + SUSPECT_COST_US;
  return linkCostUs(metrics) + (metrics.load === 1 ? BUSY_COST_US : 0);
}

/** What the cost of the cheapest way to a peer says of it, or of a relay that no way leads around. */
export function stateOfPath(pathCostUs: number | undefined): LivenessState {
  if (pathCostUs === undefined) return "dead";
  if (pathCostUs >= SUSPECT_COST_US) return "suspect";
  return pathCostUs >= BUSY_COST_US ? "busy" : "alive";
}
