import { FakeClock } from "@net/core/testing";
import { expect, test, vi } from "vitest";
import { attentiveTimeout } from "../../src/links/attentive-timeout.ts";

test("it is over after the time that was given, to the millisecond", async () => {
  const clock = new FakeClock();
  const onOver = vi.fn<() => void>();
  using _timeout = attentiveTimeout(clock, 5_000, onOver);
  await clock.advance(4_999);
  expect(onOver).not.toHaveBeenCalled();
  await clock.advance(1);
  expect(onOver).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
});

test("what is disposed of is never over, and leaves no timer", async () => {
  const clock = new FakeClock();
  const onOver = vi.fn<() => void>();
  attentiveTimeout(clock, 5_000, onOver)[Symbol.dispose]();
  expect(clock.pending).toBe(0);
  await clock.advance(10_000);
  expect(onOver).not.toHaveBeenCalled();
});
