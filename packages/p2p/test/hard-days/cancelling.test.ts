import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { World } from "./support/world.ts";

test.each([
  ["a small request behind others", 0, 4],
  ["a large request behind others", 100_000, 4],
  ["a request so large that half of it waits", 900_000, 0],
])(
  "a call that is cancelled before all of it could leave does not run on: %s",
  async (_, bytes, others) => {
    const world = new World();
    const [a, b] = [await world.start("a"), await world.start("b")];
    await world.link("a", "b");
    let [began, running] = [0, 0];
    b.network.registerTool({ name: "long", concurrency: 64 }, (_, { signal }) => {
      began += 1;
      running += 1;
      signal.addEventListener("abort", () => {
        running -= 1;
      });
      return new Promise(() => {});
    });
    await world.clock.advance(1_000);
    world.ways.shut("a", "b");
    // So much that the link takes no more, and what comes after it waits here.
    const filling = Array.from({ length: others }, () =>
      a.network.executeRemoteTool("b", "x", new Uint8Array(200_000)),
    );
    for (const each of filling) each.catch(() => {});
    await settle();
    const controller = new AbortController();
    const { signal } = controller;
    const call = a.network.executeRemoteTool("b", "long", new Uint8Array(bytes), { signal });
    call.catch(() => {});
    await settle();
    controller.abort();
    await world.clock.advance(100);
    world.heal();
    await world.clock.advance(1_000);

    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    expect(running).toBe(0);
    expect(began).toBeLessThanOrEqual(1);
    expect(await world.stop()).toBe(0);
  },
);
