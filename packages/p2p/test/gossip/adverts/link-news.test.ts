import { FakeClock } from "@net/core/testing";
import { type AdvertLink, NetworkTopology } from "@net/routing";
import { expect, test } from "vitest";
import { linkNews } from "../../../src/gossip/adverts/link-news.ts";
import { MAX_HOPS } from "../../../src/wire/routed.ts";
import { linkStateOf } from "../support/craft.ts";

/** What "a" knows: it is linked to "b", which is linked to "c". */
function known(): NetworkTopology {
  const topology = new NetworkTopology("a", { clock: new FakeClock() });
  topology.observeLink("b", { rttMs: 2 });
  const link = (peer: string): AdvertLink => ({ peer, costUs: 2_000 });
  topology.applyAdvert(linkStateOf({ origin: "b", links: [link("a"), link("c")] }));
  topology.applyAdvert(linkStateOf({ origin: "c", links: [link("b")] }));
  return topology;
}

const b: AdvertLink = { peer: "b", costUs: 2_000, rttMs: 2 };
const link = (costUs: number): AdvertLink => ({ ...b, costUs });

test.each([
  ["nothing changed", [b], [b], undefined],
  ["a cost that moved by less than twofold is none", [link(2_000)], [link(3_900)], undefined],
  ["one that moved more is told now and then", [link(2_000)], [link(4_000)], "seldom"],
  ["also downwards", [link(4_000)], [link(2_000)], "seldom"],
  ["the first round trip is told later", [{ peer: "b", costUs: 51_000 }], [b], "later"],
  ["a neighbour that became suspect is told now", [b], [link(1_000_002_000)], "now"],
  ["and that it is not any more", [link(1_000_002_000)], [b], "now"],
  ["a neighbour that became busy is told later", [b], [link(100_002_000)], "later"],
  ["and that it is not any more", [link(100_002_000)], [b], "later"],
  ["one that was busy and is suspect now", [link(100_002_000)], [link(1_000_002_000)], "now"],
  ["a first round trip as it was expected seldom", [{ peer: "b", costUs: 2_000 }], [b], "seldom"],
  ["a link that was lost is told now", [b], [], "now"],
  ["one to a peer that can be reached anyway later", [b], [b, { ...b, peer: "c" }], "later"],
  ["one to a peer that cannot be reached otherwise soon", [b], [b, { ...b, peer: "z" }], "soon"],
  ["the most urgent counts", [link(2_000)], [link(9_000), { ...b, peer: "z" }], "soon"],
] as const)("%s", (_, told, links, urgency) => {
  expect(linkNews(told, links, known())).toBe(urgency);
});

test.each([
  [MAX_HOPS, "later"],
  [MAX_HOPS + 1, "soon"],
] as const)("one to a peer that is otherwise %i links away is told %s", (hops, urgency) => {
  const topology = new NetworkTopology("p0", { clock: new FakeClock() });
  const link = (at: number): AdvertLink => ({ peer: `p${at}`, costUs: 2_000 });
  topology.observeLink("p1", { rttMs: 2 });
  for (let at = 1; at <= hops; at++) {
    const links = [link(at - 1), ...(at < hops ? [link(at + 1)] : [])];
    topology.applyAdvert(linkStateOf({ origin: `p${at}`, links }));
  }
  expect(linkNews([link(1)], [link(1), link(hops)], topology)).toBe(urgency);
});

test("two new links to a part of the network that cannot be reached otherwise are told soon, though each leads to both", () => {
  const topology = known();
  const links = ["x", "y"].map((peer): AdvertLink => ({ peer, costUs: 2_000 }));
  for (const { peer } of links) topology.observeLink(peer, {});
  const [x, y] = ["x", "y"].map((origin, i) =>
    linkStateOf({ origin, links: ["a", i === 0 ? "y" : "x"].map((peer) => ({ ...b, peer })) }),
  );
  for (const advert of [x, y]) topology.applyAdvert(advert);
  expect(linkNews([b], [b, ...links], topology)).toBe("soon");
});
