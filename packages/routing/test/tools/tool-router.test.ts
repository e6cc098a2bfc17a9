import { seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import type { PeerQuality } from "../../src/tools/peer-quality.ts";
import type { ToolCandidate } from "../../src/tools/tool-candidate.ts";
import { ToolRouter } from "../../src/tools/tool-router.ts";
import { NetworkTopology } from "../../src/topology/network-topology.ts";
import { integer } from "../graph/model.ts";

function candidate(peerId: string, more: Partial<ToolCandidate> = {}): ToolCandidate {
  return { peerId, tools: ["render"], capabilities: [], pathCostUs: 2_000, ...more };
}

function quality(
  latencies: Record<string, number>,
  pending: Record<string, number> = {},
): PeerQuality {
  return { latencyMs: (id) => latencies[id], pending: (id) => pending[id] ?? 0 };
}

/** How often each peer is chosen in 2,000 draws. */
function tally(router: ToolRouter, candidates: readonly ToolCandidate[]): Map<string, number> {
  const counts = new Map(candidates.map(({ peerId }) => [peerId, 0]));
  for (let draw = 0; draw < 2_000; draw++) {
    const { peerId } = router.choose("render", candidates) ?? candidate("nobody");
    counts.set(peerId, (counts.get(peerId) ?? 0) + 1);
  }
  return counts;
}

test("never an excluded peer, nor one without the tool or a capability; and one whenever there is one", () => {
  const rng = seededRng(9);
  const router = new ToolRouter({ rng });
  const some = (names: readonly string[]): string[] => names.filter(() => rng.next() < 0.6);
  for (let round = 0; round < 2_000; round++) {
    const candidates = Array.from({ length: integer(rng, 6) }, (_, i) =>
      candidate(`p${i}`, {
        tools: some(["render", "search"]),
        capabilities: some(["gpu", "disk"]),
        local: rng.next() < 0.3,
        pathCostUs: integer(rng, 5_000),
      }),
    );
    const options = {
      requiredCapabilities: some(["gpu", "disk"]),
      exclude: some(["p0", "p1", "p2"]),
      preferLocal: rng.next() < 0.5,
    };
    const good = candidates.filter(
      ({ peerId, tools, capabilities }) =>
        tools.includes("render") &&
        !options.exclude.includes(peerId) &&
        options.requiredCapabilities.every((name) => capabilities.includes(name)),
    );
    const chosen = router.choose("render", candidates, options);
    const ranked = router.rank("render", candidates, options);
    expect(good.includes(chosen as ToolCandidate)).toBe(good.length > 0);
    expect(new Set(ranked)).toEqual(new Set(good));
    expect(ranked).toHaveLength(good.length);
  }
});

test("without a candidate that qualifies there is no choice", () => {
  const router = new ToolRouter();
  expect(router.choose("render", [])).toBeUndefined();
  expect(router.choose("sing", [candidate("a")])).toBeUndefined();
  expect(router.rank("sing", [candidate("a")])).toEqual([]);
});

test("of two peers the cheaper is always taken", () => {
  const router = new ToolRouter({ rng: seededRng(10) });
  const counts = tally(router, [candidate("far", { pathCostUs: 9_000 }), candidate("near")]);
  expect(counts.get("near")).toBe(2_000);
});

test("of many peers, cheap ones are taken more often, and only the dearest never", () => {
  const peers = [1, 2, 3, 4, 5].map((n) => candidate(`p${n}`, { pathCostUs: n * 1_000 }));
  const counts = [...tally(new ToolRouter({ rng: seededRng(11) }), peers).values()];
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  expect(counts[0]).toBeGreaterThan(700);
  expect(counts[3]).toBeGreaterThan(0);
  expect(counts[4]).toBe(0);
});

test("peers that are equally good share the calls evenly", () => {
  const peers = ["a", "b", "c", "d"].map((peerId) => candidate(peerId));
  for (const count of tally(new ToolRouter({ rng: seededRng(12) }), peers).values()) {
    expect(count).toBeGreaterThan(400);
    expect(count).toBeLessThan(600);
  }
});

test("the local peer is taken when preferred and able, else another", () => {
  const router = new ToolRouter({ rng: seededRng(13) });
  const here = candidate("here", { local: true, load: 1 });
  const there = candidate("there", { capabilities: ["gpu"], pathCostUs: 1 });
  const both = [there, here];
  const slowHere = new ToolRouter({ quality: quality({ here: 500, there: 1 }) });
  expect(slowHere.choose("render", both, { preferLocal: true })).toBe(here);
  expect(slowHere.rank("render", both, { preferLocal: true })).toEqual([here, there]);
  expect(slowHere.rank("render", both)).toEqual([there, here]);
  const gpu = { preferLocal: true, requiredCapabilities: ["gpu"] };
  expect(router.choose("render", both, gpu)).toBe(there);
  expect(router.choose("render", both, { preferLocal: true, exclude: ["here"] })).toBe(there);
});

test("a slow, a busy and a loaded peer are worse than an idle one", () => {
  const peers = [candidate("a"), candidate("b")];
  const best = (router: ToolRouter, from = peers): string | undefined =>
    router.rank("render", from)[0]?.peerId;
  expect(best(new ToolRouter({ quality: quality({ a: 50, b: 5 }) }))).toBe("b");
  expect(best(new ToolRouter({ quality: quality({ a: 5, b: 5 }, { a: 1 }) }))).toBe("b");
  expect(best(new ToolRouter(), [candidate("a", { load: 0.5 }), candidate("b")])).toBe("b");
});

test("calls that wait at the local peer count against it", () => {
  const peers = [candidate("here", { local: true, pathCostUs: undefined }), candidate("there")];
  const router = new ToolRouter({ quality: quality({}, { here: 20 }) });
  expect(router.rank("render", peers)[0]?.peerId).toBe("there");
});

test("a peer that was never tried is expected to be as fast as the fastest", () => {
  const peers = [candidate("new"), candidate("fast"), candidate("slow")];
  const router = new ToolRouter({ quality: quality({ fast: 10, slow: 90 }, { fast: 1 }) });
  expect(router.rank("render", peers).map(({ peerId }) => peerId)).toEqual(["new", "fast", "slow"]);
});

test("ranks equally good peers by id", () => {
  const ranked = new ToolRouter().rank("render", [candidate("b"), candidate("c"), candidate("a")]);
  expect(ranked.map(({ peerId }) => peerId)).toEqual(["a", "b", "c"]);
});

test("very many candidates are no more than others", () => {
  const many = Array.from({ length: 150_000 }, (_, n) => candidate(`p${n}`));
  const known = { latencyMs: () => 1, pending: () => 0 };
  expect(many).toContain(new ToolRouter({ quality: known }).choose("render", many));
});

test("figures that make no sense are ValidationErrors, where there is something to weigh", () => {
  const two = [candidate("a"), candidate("b")];
  expect(() =>
    new ToolRouter({ quality: quality({ a: Number.NaN }) }).choose("render", two),
  ).toThrow("latencyMs must be a number of 0 or more");
  const wrong = candidate("a", { load: -1 });
  expect(() => new ToolRouter().choose("render", [wrong, candidate("b")])).toThrow(ValidationError);
  expect(() => new ToolRouter().rank("render", [wrong])).toThrow(ValidationError);
  expect(new ToolRouter().choose("render", [wrong])).toBe(wrong);
});

test("the reachable peers of a topology are candidates as they stand", () => {
  const topology = new NetworkTopology("a");
  topology.addPeer({ peerId: "b", tools: ["render"] });
  topology.addPeer({ peerId: "gone", tools: ["render"] });
  topology.observeLink("b", { rttMs: 1 });
  const reachable = topology.peers().filter((peer) => peer.reachable);
  expect(new ToolRouter().choose("render", reachable)?.link?.rttMs).toBe(1);
});

const names = (candidates: readonly ToolCandidate[]): string[] =>
  candidates.map(({ peerId }) => peerId);

test("a version is found in what a peer offers, and must be in the range asked for", () => {
  const router = new ToolRouter();
  const peers = [
    candidate("plain"),
    candidate("old", { tools: ["render@1.4.0"] }),
    candidate("both", { tools: ["render@1.9.0", "render@2.1.0"] }),
    candidate("other", { tools: ["render@next", "@render@2.0.0", "renderer@2.0.0"] }),
  ];
  expect(names(router.rank("render", peers))).toEqual(["both", "old", "plain"]);
  expect(names(router.rank("render", peers, { version: "^1.5.0" }))).toEqual(["both"]);
  expect(names(router.rank("render", peers, { version: ">=1.0.0 <2.0.0" }))).toEqual([
    "both",
    "old",
  ]);
  expect(names(router.rank("@render", peers, { version: "2.x" }))).toEqual(["other"]);
  expect(names(router.rank("render@next", peers))).toEqual(["other"]);
  expect(() => router.choose("render", peers, { version: "latest" })).toThrow(
    "version must be a range",
  );
});

test("labels must all be there, with their values", () => {
  const router = new ToolRouter();
  const peers = [
    candidate("a", { labels: ["site=attic", "os=linux"] }),
    candidate("b", { labels: ["site=attic"] }),
    candidate("c"),
  ];
  expect(names(router.rank("render", peers, { labels: { site: "attic" } }))).toEqual(["a", "b"]);
  expect(names(router.rank("render", peers, { labels: { site: "attic", os: "linux" } }))).toEqual([
    "a",
  ]);
  expect(router.choose("render", peers, { labels: { site: "cellar" } })).toBeUndefined();
});

test("a peer that may not be asked is not", () => {
  const permits = (tool: string, { peerId }: ToolCandidate): boolean =>
    tool !== "render" || peerId === "b";
  const router = new ToolRouter({ permits });
  expect(names(router.rank("render", [candidate("a"), candidate("b")]))).toEqual(["b"]);
});

test("peers that keep failing are left out, unless they are more than half", () => {
  const peers = ["a", "b", "c", "d"].map((peerId) => candidate(peerId));
  const sick = new Set(["a", "b"]);
  const router = new ToolRouter({
    rng: seededRng(20),
    quality: { ...quality({}), isHealthy: (id) => !sick.has(id) },
  });
  const half = tally(router, peers);
  expect([half.get("a"), half.get("b")]).toEqual([0, 0]);
  sick.add("c");
  expect(Math.min(...tally(router, peers).values())).toBeGreaterThan(300);
});

test("strategies: fewest calls, one after the other, fastest, local first, and one of one's own", () => {
  const peers = [
    candidate("a", { pathCostUs: 1_000 }),
    candidate("b", { pathCostUs: 9_000 }),
    candidate("c", { pathCostUs: 5_000, local: true }),
  ];
  const seen = quality({ a: 5, b: 5, c: 5 }, { a: 3, b: 0, c: 1 });
  const router = new ToolRouter({ quality: seen, rng: seededRng(21) });
  const pick = (
    strategy: "least-loaded" | "fastest" | "local-first" | "round-robin",
  ): string | undefined => router.choose("render", peers, { strategy })?.peerId;
  expect(pick("least-loaded")).toBe("b");
  expect(pick("fastest")).toBe("a");
  expect(pick("local-first")).toBe("c");
  expect([1, 2, 3, 4].map(() => pick("round-robin"))).toEqual(["a", "b", "c", "a"]);
  const last = new ToolRouter({
    strategy: (candidates) => candidates.at(-1) ?? expect.unreachable(),
  });
  expect(last.choose("render", peers)?.peerId).toBe("c");
  const wrong = { strategy: "best" as "fastest" };
  expect(() => new ToolRouter(wrong)).toThrow("strategy must be one of power-of-two");
});

test("a sticky key stays with its peer; when a peer leaves, only its keys move", () => {
  const peers = Array.from({ length: 8 }, (_, i) => candidate(`p${i}`));
  const router = new ToolRouter();
  const keys = Array.from({ length: 400 }, (_, i) => `session ${i}`);
  const place = (from: readonly ToolCandidate[]): Map<string, string | undefined> =>
    new Map(
      keys.map((stickyKey) => [stickyKey, router.choose("render", from, { stickyKey })?.peerId]),
    );
  const before = place(peers);
  expect(place(peers.toReversed())).toEqual(before);
  const after = place(peers.filter(({ peerId }) => peerId !== "p3"));
  const moved = keys.filter((key) => before.get(key) !== after.get(key));
  expect(moved).toEqual(keys.filter((key) => before.get(key) === "p3"));
  const counts = peers.map(({ peerId }) => keys.filter((key) => before.get(key) === peerId).length);
  expect(Math.min(...counts)).toBeGreaterThan(25);
});

test("no peer gets more than 1.25 times its share of sticky calls under way", () => {
  const pending = new Map<string, number>();
  const router = new ToolRouter({
    quality: { latencyMs: () => undefined, pending: (id) => pending.get(id) ?? 0 },
  });
  const peers = ["a", "b", "c", "d"].map((peerId) => candidate(peerId));
  for (let call = 1; call <= 400; call++) {
    const { peerId } =
      router.choose("render", peers, { stickyKey: "one hot key" }) ?? candidate("");
    pending.set(peerId, (pending.get(peerId) ?? 0) + 1);
    expect(Math.max(...pending.values())).toBeLessThanOrEqual(Math.ceil((1.25 * call) / 4));
  }
});
