import { seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { CallLatency, FAILURE_PENALTY } from "../../src/tools/call-latency.ts";
import { ToolRouter } from "../../src/tools/tool-router.ts";

async function call(
  quality: CallLatency,
  clock: FakeClock,
  peerId: string,
  tookMs: number,
): Promise<void> {
  const timed = quality.start(peerId);
  await clock.advance(tookMs);
  timed.succeed();
}

test("a slower call counts at once, a faster one bit by bit, as Finagle's formula has it", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  await call(quality, clock, "a", 20);
  expect(quality.latencyMs("a")).toBe(20);
  await call(quality, clock, "a", 100);
  expect(quality.latencyMs("a")).toBe(100);
  await call(quality, clock, "a", 10);
  const weight = Math.exp(-10 / 10_000);
  expect(quality.latencyMs("a")).toBeCloseTo(10 * (1 - weight) + 100 * weight, 9);
});

test("without calls the expectation shrinks to a third in ten seconds", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  await call(quality, clock, "a", 100);
  await clock.advance(10_000);
  expect(quality.latencyMs("a")).toBeCloseTo(100 / Math.E, 9);
});

test("a call that fails at once counts as five seconds, a longer one as long as it took", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  quality.start("a").fail();
  expect(quality.latencyMs("a")).toBe(FAILURE_PENALTY);
  const slow = quality.start("b");
  await clock.advance(8_000);
  slow.fail();
  expect(quality.latencyMs("b")).toBe(8_000);
});

test("a new peer begins with the mean of the others, which shrinks until it is tried", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  await call(quality, clock, "a", 100);
  await call(quality, clock, "b", 300);
  const start = quality.latencyMs("new");
  expect(start).toBeGreaterThan(190);
  expect(start).toBeLessThanOrEqual(200);
  await clock.advance(10_000);
  expect(quality.latencyMs("new")).toBeCloseTo(start / Math.E, 9);
  await call(quality, clock, "new", 10);
  expect(quality.latencyMs("new")).toBe(10);
});

test("calls under way are counted; only the first ending of a call counts", () => {
  const quality = new CallLatency({ clock: new FakeClock() });
  const [one, other] = [quality.start("a"), quality.start("a")];
  expect(quality.pending("a")).toBe(2);
  one.succeed();
  one.fail();
  expect(quality.pending("a")).toBe(1);
  other.fail();
  expect(quality.pending("a")).toBe(0);
  expect(quality.pending("never")).toBe(0);
});

test("five failures in a row make a peer rest for half a minute; a success makes it well", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  for (let failure = 1; failure <= 5; failure++) {
    expect(quality.isHealthy("a")).toBe(true);
    quality.start("a").fail();
  }
  expect(quality.isHealthy("a")).toBe(false);
  await clock.advance(30_000);
  expect(quality.isHealthy("a")).toBe(true);
  quality.start("a").fail();
  expect(quality.isHealthy("a")).toBe(false);
  quality.start("a").succeed();
  expect(quality.isHealthy("a")).toBe(true);
  quality.forget("a");
  expect(quality.latencyMs("a")).toBe(0);
});

test("of peers of which one fails fast, the others get the calls", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  const router = new ToolRouter({ quality, rng: seededRng(1) });
  const peers = ["good", "better", "failing"].map((peerId) => ({
    ...{ peerId, tools: ["t"], capabilities: [], pathCostUs: 1_000 },
  }));
  const counts = new Map<string, number>();
  for (let n = 0; n < 300; n++) {
    const { peerId } = router.choose("t", peers) ?? expect.unreachable();
    counts.set(peerId, (counts.get(peerId) ?? 0) + 1);
    const timed = quality.start(peerId);
    await clock.advance(peerId === "failing" ? 1 : 20);
    if (peerId === "failing") timed.fail();
    else timed.succeed();
  }
  expect(counts.get("failing") ?? 0).toBeLessThan(10);
  expect(Math.min(counts.get("good") ?? 0, counts.get("better") ?? 0)).toBeGreaterThan(60);
});

test("of a peer that was forgotten nothing is expected, nor learnt from a call that was under way", async () => {
  const clock = new FakeClock();
  const quality = new CallLatency({ clock });
  await call(quality, clock, "a", 100);
  const late = quality.start("a");
  quality.forget("a");
  quality.forget("a");
  late.fail();
  expect([quality.latencyMs("a"), quality.pending("a")]).toEqual([0, 0]);
  await call(quality, clock, "b", 300);
  expect(quality.latencyMs("new")).toBe(300);
});
