import { expect, test } from "vitest";
import { world } from "./support/pair.ts";

test("sessions that do nothing hold one timer at each end, and go on for hours", async () => {
  const { client, accepted, clock } = await world();
  const laptop = client();
  await clock.advance(0);
  expect(laptop.state).toBe("open");
  expect(clock.pending).toBe(2);
  await clock.advance(3_600_000);
  expect(accepted).toHaveLength(1);
  expect(clock.pending).toBe(2);
});
