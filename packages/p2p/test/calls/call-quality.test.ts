import { NetworkError, OverloadedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { CallQuality } from "../../src/calls/call-quality.ts";
import { failure, success } from "../../src/tools/outcome.ts";

const error = new NetworkError("INTERNAL", "x");
const lost = failure("lost", error);

/** What is seen of calls that take as long as the test says. */
class Watched {
  readonly clock: FakeClock = new FakeClock();
  readonly quality: CallQuality = new CallQuality(this.clock);

  async call(
    peerId: string,
    tookMs: number,
    tool?: string,
    outcome = success(1) as never,
  ): Promise<void> {
    const call = this.quality.start(peerId, tool);
    await this.clock.advance(tookMs);
    call.end(outcome);
  }

  latencyMs(peerId: string): number {
    return this.quality.latencyMs(peerId) ?? Number.NaN;
  }
}

test("calls under way are counted until they end, once each", () => {
  const quality = new CallQuality(new FakeClock());
  const calls = [quality.start("a"), quality.start("a"), quality.start("b")];

  expect([quality.pending("a"), quality.pending("b"), quality.pending("c")]).toEqual([2, 1, 0]);
  for (const call of [...calls, ...calls]) call.end(success(1));
  expect([quality.pending("a"), quality.pending("b")]).toEqual([0, 0]);
});

test("of a peer that was not called nothing is known", () => {
  expect(new CallQuality(new FakeClock()).latencyMs("a")).toBeUndefined();
});

test("a longer call counts at once, shorter ones bit by bit", async () => {
  const watched = new Watched();
  for (let call = 0; call < 100; call++) await watched.call("a", 10);
  expect(watched.latencyMs("a")).toBeCloseTo(10, 0);
  await watched.call("a", 100);
  const peakMs = watched.latencyMs("a");
  expect(peakMs).toBeGreaterThan(100);
  await watched.call("a", 10);

  expect(watched.latencyMs("a")).toBeLessThan(peakMs);
  expect(watched.latencyMs("a")).toBeGreaterThan(90);
});

test("a call that takes longer than expected counts while it is under way", async () => {
  const watched = new Watched();
  for (let call = 0; call < 10; call++) await watched.call("a", 10);
  const call = watched.quality.start("a");
  await watched.clock.advance(500);

  expect(watched.latencyMs("a")).toBeCloseTo(500);
  call.end(failure("given-up", error));
  expect(watched.latencyMs("a")).toBeCloseTo(500);
});

test("a peer is measured by what is typical of the tool: who runs long ones is not slow", async () => {
  const watched = new Watched();
  for (let round = 0; round < 30; round++) {
    await watched.call("a", 10, "short");
    await watched.call("b", 20, "short");
    await watched.call("a", 5_000, "long");
  }

  expect(watched.latencyMs("a")).toBeLessThan(watched.latencyMs("b"));
});

test("a slow peer that gets no calls becomes typical again", async () => {
  const watched = new Watched();
  for (let call = 0; call < 50; call++) await watched.call("a", 10);
  await watched.call("b", 100);
  const atFirst = watched.latencyMs("b") / watched.latencyMs("a");
  await watched.clock.advance(60_000);

  expect(atFirst).toBeGreaterThan(5);
  expect(watched.latencyMs("b") / watched.latencyMs("a")).toBeCloseTo(1, 1);
});

test("a peer that fails fast does not look fast; a caller that gave up early says nothing of it", async () => {
  const watched = new Watched();
  for (let call = 0; call < 10; call++) await watched.call("good", 10);
  const { quality } = watched;
  quality.start("gave up").end(failure("given-up", error));
  quality.start("asked the wrong thing").end(failure("not-run", error));
  quality.start("tool failed").end(failure("failed", error));
  quality.start("lost").end(lost);

  expect(quality.latencyMs("gave up")).toBeUndefined();
  expect(quality.latencyMs("asked the wrong thing")).toBeUndefined();
  expect(quality.latencyMs("tool failed")).toBe(0);
  expect(watched.latencyMs("lost")).toBeGreaterThan(50 * watched.latencyMs("good"));
});

test("a busy peer is spared for a moment, and is not slow for that", async () => {
  const watched = new Watched();
  await watched.call("a", 10);
  watched.quality.start("a").end(failure("not-run", new OverloadedError("x")));

  expect(watched.quality.isHealthy("a")).toBe(false);
  expect(watched.latencyMs("a")).toBeCloseTo(10);
  await watched.clock.advance(100);
  expect(watched.quality.isHealthy("a")).toBe(true);
});

test("what was seen of a peer that is gone is dropped, but not that calls are under way", async () => {
  const watched = new Watched();
  await watched.call("a", 10);
  const call = watched.quality.start("a");
  watched.quality.forget("a");
  expect([watched.quality.latencyMs("a"), watched.quality.pending("a")]).toEqual([undefined, 1]);
  call.end(failure("given-up", error));

  expect([watched.quality.latencyMs("a"), watched.quality.pending("a")]).toEqual([undefined, 0]);
});

test("calls that take no time at all can be compared", async () => {
  const watched = new Watched();
  for (let call = 0; call < 3; call++) await watched.call("a", 0);

  expect(watched.quality.latencyMs("a")).toBe(0);
});
