import { OverloadedError } from "@net/core";
import { type CostFunction, isSignificantChange, wholeCostUs } from "../cost.ts";
import { type LinkMetrics, readLinkMetrics } from "../link-metrics.ts";
import { type AdvertLink, MAX_LINKS } from "../link-state/advert.ts";
import type { Claim, Claims } from "./link-graph.ts";

/** A link of this node. */
export interface LocalLink extends LinkMetrics {
  /** What others are told and routes are made of: follows the measurements only when they move enough. */
  readonly costUs: number;
}

/** The links that end at this node, with what was measured on them. */
export class LocalLinks {
  readonly #costOf: CostFunction;
  readonly #links = new Map<string, LocalLink>();

  constructor(costOf: CostFunction) {
    this.#costOf = costOf;
  }

  get(peerId: string): LocalLink | undefined {
    return this.#links.get(peerId);
  }

  /**
   * Notes measurements; what is left out keeps its last value.
   *
   * @returns whether routes or adverts may look different now.
   * @throws ValidationError; OverloadedError beyond as many links as an advert can carry.
   */
  observe(peerId: string, observed: LinkMetrics): boolean {
    const known = this.#links.get(peerId);
    if (!known && this.#links.size >= MAX_LINKS) {
      throw new OverloadedError(`this node has ${MAX_LINKS} links, the most it can advertise`);
    }
    const metrics = { ...known, ...readLinkMetrics(observed) };
    const costUs = wholeCostUs(this.#costOf(metrics));
    const firstRtt = known?.rttMs === undefined && metrics.rttMs !== undefined;
    const changed = !known || firstRtt || isSignificantChange(known.costUs, costUs);
    this.#links.set(peerId, { ...metrics, costUs: changed ? costUs : known.costUs });
    return changed;
  }

  drop(peerId: string): boolean {
    return this.#links.delete(peerId);
  }

  claims(): Claims {
    return new Map([...this.#links].map(([peerId, link]) => [peerId, toClaim(link)]));
  }

  advertised(): AdvertLink[] {
    return [...this.#links].map(([peer, link]) => ({ peer, ...toClaim(link) }));
  }
}

export function toClaim({ costUs, rttMs }: LocalLink): Claim {
  return { costUs, ...(rttMs !== undefined && { rttMs }) };
}
