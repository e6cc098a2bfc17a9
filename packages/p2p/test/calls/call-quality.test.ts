import { NetworkError, OverloadedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { CallQuality } from "../../src/calls/call-quality.ts";
import { failure, success } from "../../src/tools/outcome.ts";

const error = new NetworkError("INTERNAL", "x");

test("calls under way are counted until they end", () => {
  const quality = new CallQuality(new FakeClock());
  const calls = [quality.start("a"), quality.start("a"), quality.start("b")];

  expect([quality.pending("a"), quality.pending("b"), quality.pending("c")]).toEqual([2, 1, 0]);
  for (const call of calls) call.end(success(1));
  expect([quality.pending("a"), quality.pending("b")]).toEqual([0, 0]);
});

test("the expectation follows what calls took, the newest most", async () => {
  const clock = new FakeClock();
  const quality = new CallQuality(clock);
  expect(quality.latencyMs("a")).toBeUndefined();
  for (const tookMs of [100, 200]) {
    const call = quality.start("a");
    await clock.advance(tookMs);
    call.end(success(1));
  }

  expect(quality.latencyMs("a")).toBeCloseTo(130);
});

test("a peer that fails fast does not look fast; a caller that gave up says nothing of it", () => {
  const quality = new CallQuality(new FakeClock());
  quality.start("gave up").end(failure("given-up", error));
  quality.start("lost").end(failure("lost", error));
  quality.start("tool failed").end(failure("failed", error));
  quality.start("busy").end(failure("not-run", new OverloadedError("x")));
  quality.start("asked the wrong thing").end(failure("not-run", error));

  expect(quality.latencyMs("gave up")).toBeUndefined();
  expect(quality.latencyMs("asked the wrong thing")).toBeUndefined();
  expect(quality.latencyMs("busy")).toBe(5_000);
  expect(quality.latencyMs("lost")).toBe(5_000);
  expect(quality.latencyMs("tool failed")).toBe(0);
});
