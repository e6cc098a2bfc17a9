import { expect, test } from "vitest";
import type { ExecuteOptions } from "../../src/executor/execution.ts";
import { Simulation } from "./simulation.ts";

/** 800 calls of 5 ms in 40 s at two peers, one of which is stopped for 26 s, as by SIGSTOP. */
async function stopOne(idempotent: boolean, options: ExecuteOptions) {
  const { clock, network, executor } = new Simulation();
  const [one] = ["one", "two"].map((id) => {
    const peer = network.peer(id);
    peer.idempotent = idempotent;
    return peer;
  });
  const failures: unknown[] = [];
  for (let call = 0; call < 800; call++) {
    if (call === 100) one?.freeze();
    if (call === 100 + 26 * 20) one?.thaw();
    void executor.execute("work", { ms: 5 }, {}, options).catch(({ code }) => failures.push(code));
    // The peer is stopped while calls are under way.
    await clock.advance(call % 2 === 0 ? 1 : 99);
  }
  await clock.advance(60_000);
  return { failures, stats: executor.getStats() };
}

const limits = [{}, { deadlineMs: 1_000 }, { deadlineMs: 5_000 }];

test.each(limits)("a stopped peer fails no idempotent call: %o", async (options) => {
  const { failures, stats } = await stopOne(true, options);

  expect(failures).toEqual([]);
  expect(stats).toMatchObject({ started: 800, succeeded: 800, running: 0 });
});

test.each(limits)(
  "a stopped peer fails at most one in two hundred of the others: %o",
  async (options) => {
    const { failures, stats } = await stopOne(false, options);

    expect(failures.length).toBeLessThanOrEqual(4);
    expect(stats.failed + stats.succeeded).toBe(800);
  },
);

test("with 64 calls under way a stopped peer fails none that is idempotent, though it holds half of them", async () => {
  const { clock, network, executor } = new Simulation();
  const [one] = ["one", "two"].map((id) => {
    const peer = network.peer(id);
    peer.slots = 64;
    return peer;
  });
  const failures: string[] = [];
  let running = true;
  const loop = async (): Promise<void> => {
    while (running) {
      const call = executor.execute("work", { ms: 1 }, {}, { deadlineMs: 1_000 });
      await call.catch(({ code }: { readonly code: string }) => failures.push(code));
    }
  };
  const loops = Array.from({ length: 64 }, loop);
  await clock.advance(1_000);
  one?.freeze();
  await clock.advance(1_500);
  running = false;
  await clock.advance(10_000);
  await Promise.all(loops);

  expect(failures).toEqual([]);
  expect(executor.getStats().failovers).toBeGreaterThanOrEqual(20);
});
