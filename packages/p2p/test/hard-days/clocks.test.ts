import { expect, test } from "vitest";
import { World } from "./support/world.ts";

test("peers whose clocks are an hour apart let each other in by their secret", async () => {
  const world = new World({ extra: { jwtSecret: "a secret of the test, 32 bytes long" } });
  const a = await world.start("a");
  const b = await world.start("b");
  a.host.wallErrorMs = 3_600_000;
  b.host.wallErrorMs = -3_600_000;
  await a.network.connect("memory:b");
  const call = a.network.executeRemoteTool("b", "read", { id: "x", n: 1, takesMs: 0 });

  expect(await world.until(call)).toBe("b says 3 to x");
  await world.stop();
});
