import { seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { NetworkTopology } from "@net/routing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type PartitionHealing,
  PartitionObserver,
  type PartitionView,
} from "../../src/liveness/partition-observer.ts";
import { Mesh } from "./support/mesh.ts";
import { fullMesh } from "./support/simulation.ts";

/** Silent peers are dead within four heartbeats of 5 s; then the adverts settle. */
const DETECTED_WITHIN = 22_000;
const CONVERGED_WITHIN = 5_000;

/** What each peer was told last. */
function listen(mesh: Mesh): {
  detected: Map<string, PartitionView>;
  healed: Map<string, PartitionHealing>;
} {
  const told = {
    detected: new Map<string, PartitionView>(),
    healed: new Map<string, PartitionHealing>(),
  };
  for (const { id, partitions } of mesh.peers.values()) {
    partitions.on("partition:detected", (view) => void told.detected.set(id, view));
    partitions.on("partition:healed", (view) => void told.healed.set(id, view));
  }
  return told;
}

/** A network that hangs together: a ring with some links across it. */
function ringWith(count: number, across: number, seed: number): [string, string][] {
  const rng = seededRng(seed);
  const name = (index: number): string => `p${index % count}`;
  const ring = Array.from({ length: count }, (_, index): [string, string] => [
    name(index),
    name(index + 1),
  ]);
  const links = new Map(ring.map((link) => [[...link].sort().join(), link]));
  for (let each = 0; each < across; each++) {
    const [a, b] = [name(Math.floor(rng.next() * count)), name(Math.floor(rng.next() * count))];
    if (a !== b) links.set([a, b].sort().join(), [a, b]);
  }
  return [...links.values()];
}

/** The parts that a set of links makes of one side. */
function partsOf(
  side: readonly string[],
  links: readonly (readonly [string, string])[],
): string[][] {
  const parts = new Map(side.map((id) => [id, new Set([id])]));
  for (const [a, b] of links) {
    const [one, other] = [parts.get(a), parts.get(b)];
    if (!one || !other || one === other) continue;
    for (const id of other) parts.set(id, one.add(id));
  }
  return [...new Set(parts.values())].map((part) => [...part].sort());
}

test("minority and majority each agree on who is on their side, and who is lost; after healing on all", async () => {
  await using mesh = await Mesh.linked(fullMesh(5));
  const told = listen(mesh);
  const sides = [
    ["p0", "p1"],
    ["p2", "p3", "p4"],
  ] as const;
  mesh.memory.faults.partition(...sides);
  await mesh.clock.advance(DETECTED_WITHIN);
  for (const side of sides) {
    const lost = [...mesh.peers.keys()]
      .filter((id) => !(side as readonly string[]).includes(id))
      .sort();
    const view = { members: side, lost, majority: side.length > 2 };
    for (const id of side) expect(told.detected.get(id), id).toEqual(view);
  }

  mesh.memory.faults.heal();
  await mesh.clock.advance(CONVERGED_WITHIN);
  const all = [...mesh.peers.keys()].sort();
  for (const id of all) {
    expect(told.healed.get(id)).toMatchObject({ members: all, lost: [], majority: true });
  }
});

test("for any network and any split, all members of a part tell the same, and 5 s after healing all tell of one", async () => {
  const networks = fc.record({
    count: fc.integer({ min: 3, max: 7 }),
    across: fc.integer({ min: 0, max: 6 }),
    seed: fc.integer({ min: 0, max: 1_000 }),
    mask: fc.integer({ min: 1, max: 126 }),
  });
  const agree = async ({
    count,
    across,
    seed,
    mask,
  }: {
    count: number;
    across: number;
    seed: number;
    mask: number;
  }) => {
    const links = ringWith(count, across, seed);
    await using mesh = await Mesh.linked(links, seed);
    const ids = [...mesh.peers.keys()].sort();
    const sides = [0, 1].map((side) => ids.filter((_id, index) => ((mask >> index) & 1) === side));
    mesh.memory.faults.partition(...sides);
    await mesh.clock.advance(DETECTED_WITHIN);
    for (const part of sides.flatMap((side) => partsOf(side, links))) {
      const lost = ids.filter((id) => !part.includes(id));
      for (const id of part) {
        const { members, lost: seen } = mesh.peer(id).partitions.view;
        expect({ members, lost: seen }, id).toEqual({ members: part, lost });
      }
    }
    mesh.memory.faults.heal();
    await mesh.clock.advance(CONVERGED_WITHIN);
    for (const id of ids) {
      expect(mesh.peer(id).partitions.view, id).toMatchObject({ members: ids, lost: [] });
    }
  };
  await fc.assert(fc.asyncProperty(networks, agree), { numRuns: 12, seed: 5 });
});

test("a partition that flaps is told as it settles, and ends whole", async () => {
  await using mesh = await Mesh.linked(fullMesh(4));
  const told = listen(mesh);
  for (let round = 0; round < 4; round++) {
    mesh.memory.faults.partition(["p0"], ["p1", "p2", "p3"]);
    await mesh.clock.advance(9_000 + round * 3_000);
    mesh.memory.faults.heal();
    await mesh.clock.advance(CONVERGED_WITHIN);
    for (const { partitions } of mesh.peers.values()) expect(partitions.view.lost).toEqual([]);
  }
  expect(told.healed.get("p0")?.members).toEqual(["p0", "p1", "p2", "p3"]);
});

test("a killed peer is lost for all others, and one that said goodbye is not", async () => {
  await using mesh = await Mesh.linked(fullMesh(4));
  const told = listen(mesh);
  mesh.peer("p1").host.stop();
  mesh.memory.faults.freeze("p1");
  await mesh.clock.advance(DETECTED_WITHIN);
  for (const id of ["p0", "p2", "p3"]) expect(told.detected.get(id)?.lost).toEqual(["p1"]);

  told.detected.clear();
  const goodbye = mesh.peer("p2").topology.withdraw();
  for (const id of ["p0", "p3"]) mesh.peer(id).topology.applyAdvert(goodbye);
  await mesh.peer("p2").stop();
  await mesh.clock.advance(DETECTED_WITHIN);
  expect(told.detected.size).toBe(0);
  expect(mesh.peer("p0").partitions.view.members).toEqual(["p0", "p3"]);
});

test("beyond neighbours too a frozen provider is suspect within 2 s, and is avoided as a relay", async () => {
  // c is reached over b or over d; the call goes from a to c.
  await using mesh = await Mesh.linked([
    ["a", "b"],
    ["b", "c"],
    ["c", "d"],
    ["d", "a"],
  ]);
  await mesh.clock.advance(30_000);
  const { states, topology } = mesh.peer("a");
  expect(states.state("c")).toBe("alive");
  expect(states.state("nobody")).toBe("dead");
  let suspected = 0;
  let others = 0;
  using _watch = states.onSuspect("c", () => suspected++);
  using _beside = states.onSuspect("c", () => suspected++);
  states.onSuspect("b", () => others++)[Symbol.dispose]();

  mesh.peer("c").host.stop();
  for (const relay of ["b", "d"]) mesh.peer(relay).liveness.get("c")?.asked();
  await mesh.clock.advance(2_000);
  expect([states.state("c"), suspected]).toEqual(["suspect", 2]);
  using _late = states.onSuspect("c", () => suspected++);
  expect(suspected).toBe(3);
  mesh.peer("c").host.resume();
  await mesh.clock.advance(2_000);
  expect(states.state("c")).toBe("alive");

  const [, relay = ""] = topology.findRoute("c")?.path ?? [];
  mesh.peer(relay).host.stop();
  mesh.peer("a").liveness.get(relay)?.asked();
  await mesh.clock.advance(2_000);
  expect(states.state(relay)).toBe("suspect");
  expect([states.state("c"), others]).toEqual(["alive", 0]);
  expect(topology.findRoute("c")?.path).not.toContain(relay);
  mesh.peer(relay).host.resume();
});

test("a neighbour whose link is broken is alive as long as there is another way to it", async () => {
  await using mesh = await Mesh.linked(fullMesh(3));
  await mesh.clock.advance(30_000);
  const { states, liveness } = mesh.peer("p0");
  const ends = ["p0", "p1"];
  mesh.memory.faults.delay((from, to) =>
    ends.includes(from) && ends.includes(to) ? 3_600_000 : 0,
  );
  liveness.get("p1")?.asked();
  await mesh.clock.advance(2_000);
  expect(liveness.verdict("p1")).toMatchObject({ state: "suspect", reason: "link" });
  expect(states.state("p1")).toBe("alive");
  await mesh.clock.advance(10_000);
  expect(liveness.verdict("p1")).toBeUndefined();
  expect(states.state("p1")).toBe("alive");
});

test("a peer that is lost right after it came is missed all the same", async () => {
  const clock = new FakeClock();
  const topology = new NetworkTopology("a", { clock });
  using observer = new PartitionObserver({ self: "a", clock, topology });
  const told: PartitionView[] = [];
  observer.on("partition:detected", (view) => told.push(view));
  topology.observeLink("b", { rttMs: 1 });
  const ofB = new NetworkTopology("b", { clock });
  ofB.observeLink("a", { rttMs: 1 });
  topology.applyAdvert(ofB.localAdvert());
  await clock.advance(100);
  topology.dropLink("b");
  await clock.advance(2_000);

  expect(told).toEqual([{ members: ["a"], lost: ["b"], majority: false }]);
});
