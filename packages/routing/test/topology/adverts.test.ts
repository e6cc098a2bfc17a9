import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { MAX_ADVERT_LENGTH } from "../../src/link-state/advert.ts";
import type { VerifyAdvert } from "../../src/link-state/advert-intake.ts";
import { NetworkTopology } from "../../src/topology/network-topology.ts";
import type { TopologyOptions } from "../../src/topology/topology-options.ts";

const nothing = { capabilities: [], tools: [], load: 0 };
const FUTURE = 24 * 3_600_000;

/** The node "a", and why it rejected adverts. */
function setUp(options: TopologyOptions = {}): {
  clock: FakeClock;
  topology: NetworkTopology;
  codes: string[];
} {
  const clock = new FakeClock();
  const topology = new NetworkTopology("a", { clock, ...options });
  const codes: string[] = [];
  topology.on("advert:rejected", ({ error }) => codes.push(error.code));
  return { clock, topology, codes };
}

test("an advert that its origin signed is applied, one that was changed on the way is not", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const verifies = setUp({
    verify: ({ origin, signature = "" }, content) =>
      origin === "b" && verify(null, content, publicKey, Buffer.from(signature, "base64")),
  });
  const b = new NetworkTopology("b", {
    clock: verifies.clock,
    sign: (content) => sign(null, content, privateKey).toString("base64"),
  });
  b.observeLink("a", { rttMs: 2 });
  const { topology, codes } = verifies;
  const first = b.localAdvert({ tools: ["search"] });
  expect(topology.applyAdvert({ ...first, load: 1 })).toBe("rejected");
  expect(topology.applyAdvert({ ...first, origin: "c" })).toBe("rejected");
  expect(topology.applyAdvert({ ...first, signature: undefined })).toBe("rejected");
  expect(topology.applyAdvert({ ...first, ageMs: 5 })).toBe("applied");
  expect(topology.applyAdvert({ ...first, tools: [] })).toBe("rejected");
  expect(topology.applyAdvert(b.withdraw())).toBe("applied");
  expect(topology.peer("b")).toBeUndefined();
  expect(new Set(codes)).toEqual(new Set(["AUTHENTICATION_FAILED"]));
});

test.each<[what: string, verify: VerifyAdvert]>([
  [
    "throws",
    () => {
      throw new TypeError("what a signature");
    },
  ],
  ["answers later, when it is too late", (async () => true) as never],
])("where the verifier %s, an advert counts as not signed", (_, verifier) => {
  const { topology, codes } = setUp({ verify: verifier });
  const advert = { origin: "b", epoch: 1, seq: 1, links: [], signature: "none", ...nothing };
  expect(topology.applyAdvert(advert)).toBe("rejected");
  expect(codes).toEqual(["AUTHENTICATION_FAILED"]);
  expect(topology.peer("b")).toBeUndefined();
});

test("copies and old adverts cost no signature check", () => {
  let checks = 0;
  const { topology } = setUp({
    verify: () => {
      checks += 1;
      return true;
    },
  });
  const advert = { origin: "b", epoch: 1, seq: 2, links: [], ...nothing };
  topology.applyAdvert(advert);
  topology.applyAdvert(advert);
  topology.applyAdvert({ ...advert, seq: 1, load: 1 });
  expect(checks).toBe(1);
});

test("a node that hears a newer advert in its own name outranks it with its next one", () => {
  const { clock, topology, codes } = setUp();
  const forged = { origin: "a", epoch: clock.nowMs() + 5_000, seq: 9, links: [], ...nothing };
  expect(topology.applyAdvert(forged)).toBe("rejected");
  expect(codes).toEqual(["INVALID_ARGUMENT"]);
  const other = new NetworkTopology("b", { clock });
  other.applyAdvert(forged);
  expect(other.applyAdvert(topology.localAdvert({ tools: ["mine"] }))).toBe("applied");
  expect(topology.applyAdvert(forged)).toBe("stale");
});

test("an epoch far in the future is refused, so that nobody can be silenced for ever; not by a clock never set", () => {
  const { clock, topology, codes } = setUp();
  const advert = { origin: "b", epoch: clock.nowMs() + FUTURE + 1, seq: 1, links: [], ...nothing };
  expect(topology.applyAdvert(advert)).toBe("rejected");
  expect(topology.applyAdvert({ ...advert, epoch: advert.epoch - 1 })).toBe("applied");
  expect(codes).toEqual(["INVALID_ARGUMENT"]);
  const unset = new NetworkTopology("a", { clock: new FakeClock(0) });
  expect(unset.applyAdvert(advert)).toBe("applied");
});

test("a clock that jumps makes nothing expire, and time before 1970 is no reason to fail", () => {
  const monotonic = new FakeClock();
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => monotonic.monotonicMs(),
    setTimeout: monotonic.setTimeout.bind(monotonic),
    setInterval: monotonic.setInterval.bind(monotonic),
  };
  const topology = new NetworkTopology("a", { clock });
  topology.applyAdvert({ origin: "b", epoch: 1, seq: 1, links: [], ...nothing });
  nowMs += 10 * 365 * 86_400_000;
  expect(topology.peer("b")).toBeDefined();
  nowMs = -5.5;
  expect(topology.localAdvert().seq).toBe(1);
  expect(new NetworkTopology("c", { clock }).localAdvert().epoch).toBe(0);
});

test("a node that does not relay is reached, but nothing goes through it; it can begin to", () => {
  const { topology } = setUp();
  topology.observeLink("b", { rttMs: 2 });
  const links = [
    { peer: "a", costUs: 1 },
    { peer: "c", costUs: 1 },
  ];
  const advert = { origin: "b", epoch: 1, seq: 1, links, ...nothing, relay: false };
  topology.applyAdvert(advert);
  topology.applyAdvert({
    origin: "c",
    epoch: 1,
    seq: 1,
    links: [{ peer: "b", costUs: 1 }],
    ...nothing,
  });
  expect(topology.findRoute("b")?.hops).toBe(1);
  expect(topology.findRoute("c")).toBeUndefined();
  expect(topology.peer("b")).toMatchObject({ relay: false, reachable: true });
  expect(topology.getNetworkStats()).toMatchObject({ partitions: 1, scope: "component" });
  expect(topology.getNetworkStats().indirectConnections).toBe(0);
  topology.applyAdvert({ ...advert, seq: 2, relay: true });
  expect(topology.findRoute("c")?.path).toEqual(["a", "b", "c"]);
});

test("the local advert says whether this node relays, its labels and its tools' digest", () => {
  const { topology } = setUp();
  const toolsDigest = createHash("sha256").update("search 1.0.0").digest("hex");
  const said = { tools: ["search@1.0.0"], toolsDigest, labels: ["site=attic"], relay: false };
  expect(topology.localAdvert(said)).toMatchObject(said);
  expect(topology.localAdvert({ relay: true })).toMatchObject({ ...said, relay: true });
  expect(topology.withdraw()).toMatchObject({ seq: 3, ttlMs: 0, links: [], tools: [] });
});

test("names that objects have by themselves break nothing", () => {
  const { topology } = setUp();
  for (const origin of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    topology.observeLink(origin, { rttMs: 2 });
    const links = [
      { peer: "a", costUs: 1 },
      { peer: "valueOf", costUs: 1 },
    ];
    expect(topology.applyAdvert({ origin, epoch: 1, seq: 1, links, ...nothing })).toBe("applied");
    expect(topology.findRoute(origin)?.path).toEqual(["a", origin]);
  }
  expect(topology.findRoute("valueOf")).toBeUndefined();
  expect(topology.getTopologyGraph().nodes).toHaveLength(5);
  expect({}).not.toHaveProperty("costUs");
});

test("a flood of made-up origins neither fills the memory nor keeps a real peer out", () => {
  const { topology, codes } = setUp();
  for (let n = 0; n < 16_500; n++) {
    topology.applyAdvert({ origin: `fake${n}`, epoch: 1, seq: 1, links: [], ...nothing });
  }
  expect(topology.getNetworkStats().totalNodes).toBeLessThanOrEqual(16_385);
  topology.observeLink("real", { rttMs: 2 });
  const links = [{ peer: "a", costUs: 1_000 }];
  expect(topology.applyAdvert({ origin: "real", epoch: 1, seq: 1, links, ...nothing })).toBe(
    "applied",
  );
  expect(topology.findRoute("real")?.hops).toBe(1);
  expect(codes).toEqual([]);
});

test("an advert with more text than allowed is rejected, whatever the text is in", () => {
  const { topology, codes } = setUp();
  const long = (n: number): string => `${n}`.padEnd(256, "x");
  const many = Array.from({ length: MAX_ADVERT_LENGTH / 256 + 1 }, (_, n) => long(n));
  const advert = { origin: "b", epoch: 1, seq: 1, links: [], ...nothing };
  topology.applyAdvert({ ...advert, tools: many });
  topology.applyAdvert({ ...advert, capabilities: many });
  topology.applyAdvert({ ...advert, labels: many });
  topology.applyAdvert({ ...advert, links: many.map((peer) => ({ peer, costUs: 1 })) });
  expect(codes).toEqual(Array(4).fill("INVALID_ARGUMENT"));
});

test("the drawing in Graphviz's language quotes what needs it", () => {
  const { topology } = setUp();
  topology.observeLink('b"\\', { rttMs: 3 });
  topology.addPeer({ peerId: "z" });
  topology.localAdvert({ name: "A" });
  expect(topology.toDot()).toBe(
    [
      "graph network {",
      '  "a" [label="A", shape=box, style="bold"];',
      '  "b\\"\\\\" [label="b\\"\\\\", shape=box, style=""];',
      '  "z" [label="z", shape=box, style="dashed"];',
      '  "a" -- "b\\"\\\\" [label="3 ms"];',
      "}",
      "",
    ].join("\n"),
  );
});

test("k-shortest paths and disjoint routes of a small network", () => {
  const { topology } = setUp({ cost: ({ rttMs = 1 }) => rttMs });
  const hear = (origin: string, costs: Record<string, number>): void => {
    const links = Object.entries(costs).map(([peer, costUs]) => ({ peer, costUs }));
    topology.applyAdvert({ origin, epoch: 1, seq: 1, links, ...nothing });
  };
  // The classic trap: the cheapest way a-b-c-d uses both middle nodes, so that nothing disjoint from it is left.
  topology.observeLink("b", { rttMs: 1 });
  topology.observeLink("c", { rttMs: 8 });
  hear("b", { a: 1, c: 1, d: 8 });
  hear("c", { a: 8, b: 1, d: 1 });
  hear("d", { b: 8, c: 1 });
  const best = topology.findRoute("d");
  expect(best?.path).toEqual(["a", "b", "c", "d"]);
  expect(topology.findRoute("d", { disjointFrom: best })).toBeUndefined();
  expect(topology.findDisjointRoutes("d")?.map(({ path }) => path.join(""))).toEqual([
    "abd",
    "acd",
  ]);
  expect(topology.findRoute("d", { avoid: ["c"] })?.path).toEqual(["a", "b", "d"]);
  expect(topology.findRoute("d", { avoid: ["d"] })).toBeUndefined();
  const paths = topology.kShortestPaths("d", 9).map(({ path, costUs }) => [path.join(""), costUs]);
  expect(paths).toEqual([
    ["abcd", 3],
    ["abd", 9],
    ["acd", 9],
    ["acbd", 17],
  ]);
  expect(topology.kShortestPaths("nobody", 3)).toEqual([]);
  expect(() => topology.kShortestPaths("d", 0)).toThrow("k must be a whole number from 1 to 1000");
  expect(topology.findDisjointRoutes("nobody")).toBeUndefined();
  expect(topology.findDisjointRoutes("a")).toBeUndefined();
});
