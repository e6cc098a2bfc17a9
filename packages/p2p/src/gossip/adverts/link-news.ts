import type { AdvertLink, NetworkTopology } from "@net/routing";
import { stateOfPath } from "../../liveness/link-cost.ts";
import type { Urgency } from "./announce-pace.ts";

/** A cost that moved by less than this factor makes hardly any route another. */
const COST_FACTOR = 2;

const ranks: Readonly<Record<Urgency, number>> = { seldom: 0, later: 1, soon: 2, now: 3 };

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
  let news: Urgency | undefined;
  for (const link of links) {
    const before = left.get(link.peer);
    left.delete(link.peer);
    if (news === "soon" && !before) continue;
    news = more(news, before ? movedNews(before, link) : newLinkNews(link, topology));
  }
  return left.size > 0 ? "now" : news;
}

/** Under load, round trips go up and down all the time. What is said of who does not answer is no matter of measuring. */
function movedNews(before: AdvertLink, { costUs, rttMs }: AdvertLink): Urgency | undefined {
  if (stateOfPath(before.costUs) !== stateOfPath(costUs)) return "now";
  if (before.rttMs === undefined && rttMs !== undefined) return "later";
  const [less, greater] = [Math.min(before.costUs, costUs), Math.max(before.costUs, costUs)];
  return greater >= less * COST_FACTOR ? "seldom" : undefined;
}

/** One more way to a peer that can be reached anyway makes no difference to most. */
function newLinkNews({ peer }: AdvertLink, topology: NetworkTopology): Urgency {
  const direct = { disjointFrom: { path: [peer, peer] } };
  return topology.findRoute(peer, direct) ? "later" : "soon";
}

function more(a: Urgency | undefined, b: Urgency | undefined): Urgency | undefined {
  return a && (!b || ranks[a] >= ranks[b]) ? a : b;
}
