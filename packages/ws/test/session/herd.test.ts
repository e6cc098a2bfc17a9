import { expect, test } from "vitest";
import { herd } from "./support/herd.ts";

const CLIENTS = 10_000;

// What this says of the time to be back is in the README, and a change of it one of a promise.
test("10,000 clients come back from a crash within 15 s and from an outage of 30 s within 30 s, under 2 % of them in any 100 ms", {
  // Ten seconds of a processor's time.
  timeout: 180_000,
}, async () => {
  const [crash, outage] = await herd({ clients: CLIENTS, seed: 1, outagesMs: [0, 30_000] });

  expect(crash?.backAgain).toBe(CLIENTS);
  expect(crash?.worstShare).toBeLessThan(0.02);
  expect(crash?.p50Ms).toBeLessThan(5_000);
  expect(crash?.p99Ms).toBeLessThan(14_000);
  expect(crash?.allMs).toBeLessThanOrEqual(15_100);

  expect(outage?.backAgain).toBe(CLIENTS);
  expect(outage?.worstShare).toBeLessThan(0.02);
  // Also while nobody listens they do not all knock together.
  expect(outage?.worstTriesShare).toBeLessThan(0.02);
  expect(outage?.p50Ms).toBeLessThan(10_000);
  expect(outage?.p99Ms).toBeLessThan(29_000);
  expect(outage?.allMs).toBeLessThanOrEqual(30_000);
});

test("it is the welcome's spread that does it: without it they come within a second", async () => {
  const [crash] = await herd({ clients: 500, seed: 1, outagesMs: [0], spread: 0 });

  expect(crash?.worstShare).toBeGreaterThan(0.1);
  expect(crash?.allMs).toBeLessThanOrEqual(1_000);
});
