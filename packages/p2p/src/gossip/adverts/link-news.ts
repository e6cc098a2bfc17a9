import type { AdvertLink, NetworkTopology } from "@net/routing";
import { stateOfPath } from "../../liveness/link-cost.ts";
import type { LivenessState } from "../../liveness/verdict.ts";
import { MAX_HOPS } from "../../wire/routed.ts";
import { moreUrgent, type Urgency } from "./announce-pace.ts";

/** A cost that moved by less than this factor makes hardly any route another. */
const COST_FACTOR = 2;

/**
 * How urgent it is to tell all others what has become of the links since they were told last: each advert costs every peer a
 * verification, so that what changes no route, or hardly one, must not be told whenever it is measured.
 *
 * @returns undefined if nothing is worth telling.
 */
export function linkNews(
  told: readonly AdvertLink[],
  links: readonly AdvertLink[],
  topology: NetworkTopology,
): Urgency | undefined {
  const left = new Map(told.map((link) => [link.peer, link]));
  const untold = links.map(({ peer }) => peer).filter((peer) => !left.has(peer));
  let news: Urgency | undefined;
  for (const link of links) {
    const before = left.get(link.peer);
    left.delete(link.peer);
    if (news === "soon" && !before) continue;
    news = moreUrgent(news, before ? movedNews(before, link) : newLinkNews(link, untold, topology));
  }
  return left.size > 0 ? "now" : news;
}

/** Under load, round trips go up and down all the time. What is said of who does not answer is no matter of measuring. */
function movedNews(before: AdvertLink, { costUs, rttMs }: AdvertLink): Urgency | undefined {
  const state = stateOfPath(costUs);
  if (stateOfPath(before.costUs) !== state) return stateNews(stateOfPath(before.costUs), state);
  const [less, greater] = [Math.min(before.costUs, costUs), Math.max(before.costUs, costUs)];
  const hasMoved = greater >= less * COST_FACTOR;
  if (before.rttMs === undefined && rttMs !== undefined) return hasMoved ? "later" : "seldom";
  return hasMoved ? "seldom" : undefined;
}

/** Who is busy does answer, and is often so only for a moment: a whole network that is must not talk of nothing else. */
function stateNews(before: LivenessState, state: LivenessState): Urgency {
  return before === "suspect" || state === "suspect" ? "now" : "later";
}

/**
 * One more way to a peer that can be reached anyway makes no difference to most. Ways over other links of which nobody knows yet
 * are none: two that lead to the same part of the network would make each other wait. Nor is one that is too long for frames.
 */
function newLinkNews(
  { peer }: AdvertLink,
  untold: readonly string[],
  topology: NetworkTopology,
): Urgency {
  const avoid = untold.filter((other) => other !== peer);
  const direct = { path: [peer, peer] };
  const other = topology.findRoute(peer, { avoid, disjointFrom: direct, maxHops: MAX_HOPS });
  return other ? "later" : "soon";
}
