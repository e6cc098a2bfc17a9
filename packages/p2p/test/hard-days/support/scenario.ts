import { expect, test } from "vitest";
import { rollCall } from "./roll-call.ts";
import { SEEDS } from "./seeds.ts";
import { World, type WorldOptions } from "./world.ts";

/** Within which everybody must reach everybody again once a fault is over, in ms. */
export const CONVERGED = 5_000;

/**
 * A hard day: work goes on before, during and after it, and in the end everything is as it should be, whatever happened.
 *
 * @param day plays the fault, and ends it.
 */
export function hardDay(
  name: string,
  day: (world: World) => Promise<void>,
  options: Omit<WorldOptions, "seed"> = {},
): void {
  test.each(SEEDS)(`${name} (%i)`, { timeout: 60_000 }, async (seed) => {
    const world = await World.of5({ isSlow: seed % 2 === 0, ...options, seed });
    await world.work(1_000);
    await day(world);
    await world.work(1_000);
    await world.drain();

    expect(world.history.faults()).toEqual([]);
    expect(world.history.succeeded).toBeGreaterThan(0);
    expect(world.isWhole()).toBe(true);
    expect(world.processes.map(({ witness }) => witness.partition)).toEqual(
      world.processes.map(() => undefined),
    );
    expect(await rollCall(world)).toEqual([]);
    expect(await world.stop()).toBe(0);
  });
}
