import { seededRng } from "@net/core";
import { expect } from "vitest";
import { CONVERGED, hardDay } from "./support/scenario.ts";
import type { World } from "./support/world.ts";

const deaths = (world: World): string[] => world.processes.flatMap(({ witness }) => witness.dead);

hardDay(
  "a peer that is stopped and goes on accuses nobody, and all are one again in 5 s",
  async (world) => {
    world.peer("b").stop();
    await world.work(25_000);
    expect(deaths(world).every((death) => death.startsWith("b "))).toBe(true);
    world.peer("b").resume();

    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
    expect(world.peer("b").witness.dead.filter((death) => !death.endsWith("stale"))).toEqual([]);
  },
);

hardDay(
  "a peer that is killed is known to be gone, and back when it is started again",
  async (world) => {
    await world.kill("d");
    await world.work(3_000);
    expect(world.isWhole()).toBe(true);
    for (const { reaches } of world.processes.map((each) => ({ reaches: each.reaches() })))
      expect(reaches).not.toContain("d");
    await world.start("d");
    await world.link("d", "e");

    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
  },
);

hardDay(
  "a peer that is killed and started again at once answers as its new self only",
  async (world) => {
    for (let round = 0; round < 3; round++) {
      await world.kill("b");
      await world.start("b");
      await world.work(4_000);
    }

    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
  },
);

hardDay("an event loop that is blocked for 5 s is nobody's death", async (world) => {
  for (const id of ["a", "d"]) {
    world.peer(id).block(5_000);
    await world.work(7_000);
  }

  expect(deaths(world)).toEqual([]);
});

hardDay("clocks that are an hour off, or jump by one, do no harm", async (world) => {
  world.peer("a").host.wallErrorMs = 3_600_000;
  world.peer("c").host.wallErrorMs = -3_600_000;
  await world.work(5_000);
  expect(deaths(world)).toEqual([]);
  world.memory.faults.loseLinks("a");
  world.memory.faults.loseLinks("c");

  expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
});

hardDay("who reads slowly is not dead, and holds nobody else up", async (world) => {
  const others = ["a", "b", "d", "e"];
  for (let second = 0; second < 12; second++) {
    for (const other of others) world.ways.shut(other, "c");
    await world.work(900);
    for (const other of others) world.ways.open(other, "c");
    await world.work(100);
  }

  expect(deaths(world)).toEqual([]);
});

hardDay(
  "a laptop that slept for 60 s and wakes in another place is linked again in 3 s",
  async (world) => {
    // It keeps the links that it has dialled.
    await world.link("a", "c");
    const laptop = world.peer("a");
    laptop.suspend();
    await world.work(5_000);
    await world.clock.advance(50_000);
    await world.work(5_000);
    await laptop.wakeAt("cafe");
    await world.work(3_000);

    const linked = laptop.network
      .getConnectedPeers()
      .map(({ peerId }) => peerId)
      .sort();
    expect(linked).toEqual(["b", "c"]);
    expect(laptop.witness.dead.filter((death) => !death.endsWith("stale"))).toEqual([]);
    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
  },
);

hardDay(
  "a network card that flips bits loses links, and nothing wrong gets through",
  async (world) => {
    const rng = seededRng(5);
    const card = world.peer("b").machine;
    card.damage = (frame) => {
      if (rng.next() > 0.02) return frame;
      const at = Math.floor(rng.next() * frame.length);
      return frame.with(at, (frame[at] ?? 0) ^ 4);
    };
    await world.work(12_000);
    card.damage = undefined;

    expect(await world.whole()).toBeLessThanOrEqual(CONVERGED);
    expect(world.peer("b").witness.connected).toBeGreaterThan(5);
  },
);
