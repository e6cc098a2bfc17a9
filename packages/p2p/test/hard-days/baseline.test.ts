import { expect, test } from "vitest";
import { World } from "./support/world.ts";

/** After so long everything that is kept for a while is forgotten, such as idle sessions. */
const FORGOTTEN = 160_000;

/** At the quietest moment of some seconds: now and then a probe or an advert is under way. */
async function held(world: World): Promise<{ timers: number; links: number }> {
  let timers = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 40; step++) {
    await world.clock.advance(250);
    timers = Math.min(timers, world.clock.pending);
  }
  const links = world.processes.reduce((sum, { machine }) => sum + machine.links, 0);
  return { timers, links };
}

test("after days that were hard a quiet network keeps no more timers and links than one before them", {
  timeout: 60_000,
}, async () => {
  const world = await World.of5();
  await world.work(6_000);
  await world.clock.advance(FORGOTTEN);
  const before = await held(world);
  for (const side of [["a"], ["b", "d"]]) {
    world.memory.faults.loseLinks("c");
    world.split(side);
    await world.work(8_000);
    world.heal();
    await world.work(4_000);
  }
  await world.clock.advance(FORGOTTEN);

  expect(await held(world)).toEqual(before);
  expect(world.history.faults()).toEqual([]);
  expect(await world.stop()).toBe(0);
});

test("a frozen provider is suspected in 2 s, and no call that may run twice fails for it", async () => {
  const world = new World();
  const ids = ["a", "b", "c", "d"];
  for (const id of ids) await world.start(id);
  for (const id of ids.slice(1)) await world.link("a", id);
  await world.clock.advance(6_000);
  const { executor, network } = world.peer("a");
  const suspectedMs: number[] = [];
  network.on("peer:state", (peerId, state) => {
    if (peerId === "c" && state === "suspect") suspectedMs.push(world.clock.monotonicMs());
  });
  const calls: Promise<unknown>[] = [];
  let frozenMs = 0;
  for (let n = 0; n < 300; n++) {
    if (n === 100) {
      world.peer("c").stop();
      frozenMs = world.clock.monotonicMs();
    }
    const question = { id: `${n}`, n, takesMs: 30 };
    calls.push(executor.execute("read", question, {}, { deadlineMs: 10_000 }));
    await world.clock.advance(20);
  }
  const ends = await world.until(Promise.allSettled(calls));

  expect(ends.filter(({ status }) => status === "rejected")).toEqual([]);
  expect((suspectedMs[0] ?? Number.POSITIVE_INFINITY) - frozenMs).toBeLessThanOrEqual(2_000);
  world.peer("c").resume();
  expect(await world.stop()).toBe(0);
});
