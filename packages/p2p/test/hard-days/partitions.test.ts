import { expect } from "vitest";
import { CONVERGED, hardDay } from "./support/scenario.ts";
import { IDS, type World } from "./support/world.ts";

/** What each side must agree on while the network is cut in two. */
function expectSides(world: World, ...sides: readonly (readonly string[])[]): void {
  for (const members of sides) {
    const lost = IDS.filter((id) => !members.includes(id));
    const majority = members.length > lost.length;
    for (const id of members) {
      expect([id, world.peer(id).witness.partition]).toEqual([id, { members, lost, majority }]);
      expect([id, world.peer(id).reaches()]).toEqual([id, members.filter((other) => other !== id)]);
    }
  }
}

hardDay("majority and minority: each side agrees, and all are one again in 5 s", async (world) => {
  world.split(["a", "b", "e"], ["c", "d"]);
  await world.work(22_000);
  expectSides(world, ["a", "b", "e"], ["c", "d"]);
  world.heal();

  expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
});

hardDay(
  "one peer alone, and four without it: both know, and are one again in 5 s",
  async (world) => {
    world.split(["b"], ["a", "c", "d", "e"]);
    await world.work(22_000);
    expectSides(world, ["b"], ["a", "c", "d", "e"]);
    world.heal();

    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
  },
);

hardDay("a link that carries one way only is gone round, and used again in 5 s", async (world) => {
  world.ways.shut("a", "b");
  await world.work(22_000);
  expect(world.isWhole()).toBe(true);
  expect(
    world
      .peer("b")
      .network.getConnectedPeers()
      .map(({ peerId }) => peerId),
  ).not.toContain("a");
  world.heal();
  await world.work(CONVERGED);

  expect(
    world
      .peer("b")
      .network.getConnectedPeers()
      .map(({ peerId }) => peerId),
  ).toContain("a");
});

hardDay("who is heard by nobody, but hears all, is cut off on both sides alike", async (world) => {
  const others = IDS.filter((id) => id !== "c");
  for (const other of others) world.ways.shut("c", other);
  await world.work(40_000);
  expectSides(world, ["c"], others);
  world.heal();

  expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
});

hardDay(
  "a network that flaps once a second loses no link, and nobody is declared dead",
  async (world) => {
    for (let flap = 0; flap < 8; flap++) {
      world.split(["a", "e"], ["b", "c", "d"]);
      await world.work(1_000);
      world.heal();
      await world.work(1_000);
    }

    expect(world.processes.flatMap(({ witness }) => witness.dead)).toEqual([]);
  },
);

hardDay(
  "after a partition that comes and goes, of other peers each time, all are one in 5 s",
  async (world) => {
    for (const side of [["a"], ["a", "b"], ["c", "e"]]) {
      world.split(
        side,
        IDS.filter((id) => !side.includes(id)),
      );
      await world.work(9_000);
      world.heal();
      await world.work(2_000);
    }

    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
  },
);
