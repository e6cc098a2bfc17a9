import { OverloadedError, retry, seededRng } from "@net/core";
import { FakeClock, scriptedRng } from "@net/core/testing";
import { expect, test } from "vitest";
import { QoSManager } from "../src/qos-manager.ts";
import { retryOptions } from "../src/retry-options.ts";

test.each([
  ["exponential", [500, 1_000, 2_000, 4_000, 30_000]],
  ["linear", [500, 1_000, 1_500, 2_000, 30_000]],
  ["fixed", [500, 500, 500, 500, 500]],
] as const)("%s delays begin with initialDelay and end at 30 s", (backoff, delays) => {
  const { backoff: delayOf } = retryOptions({ maxRetries: 5, backoff, initialDelay: 500 });
  const almostAll = { next: () => 1 };
  expect([1, 2, 3, 4, 1_000].map((nth) => delayOf(nth, almostAll))).toEqual(delays);
  expect(delayOf(1, scriptedRng([0.5]))).toBe(250);
});

test("a first delay above 30 s is obeyed", () => {
  const { backoff } = retryOptions({ maxRetries: 1, backoff: "fixed", initialDelay: 60_000 });
  expect(backoff(1, { next: () => 1 })).toBe(60_000);
});

test("whoever sends with it tries as often as the policy says, and not at all without one", async () => {
  const qos = new QoSManager();
  const retryPolicy = { maxRetries: 5, backoff: "exponential", initialDelay: 500 } as const;
  qos.setPolicy("video-stream", { priority: "high", retryPolicy });
  const clock = new FakeClock();
  const tries = async (type: string): Promise<number> => {
    let count = 0;
    const options = retryOptions(qos.getPolicy(type).retryPolicy);
    const sending = retry(
      () => {
        count += 1;
        throw new OverloadedError("full");
      },
      { ...options, clock, rng: seededRng(1) },
    );
    const failed = expect(sending).rejects.toThrow(OverloadedError);
    await clock.advance(60_000);
    await failed;
    return count;
  };
  expect(await tries("video-stream")).toBe(6);
  expect(await tries("message")).toBe(1);
});
