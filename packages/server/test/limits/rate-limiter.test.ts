import { RateLimitError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { RateLimiter } from "../../src/limits/rate-limiter.ts";

test("a burst passes, then one for each refill", async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ burst: 3, perMinute: 60 }, "knocks", clock);
  for (let knock = 0; knock < 3; knock++) limiter.take("a");
  expect(() => limiter.take("a")).toThrow("too many knocks: try again in 1000 ms");
  await clock.advance(999);
  expect(() => limiter.take("a")).toThrow(RateLimitError);
  await clock.advance(1);
  limiter.take("a");
  expect(() => limiter.take("a")).toThrow(RateLimitError);
});

test("a pause refills no more than a burst, and each key has its own", async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ burst: 2, perMinute: 60 }, "knocks", clock);
  await clock.advance(3_600_000);
  limiter.take("a");
  limiter.take("a");
  expect(() => limiter.take("a")).toThrow(RateLimitError);
  limiter.take("b");
});

test("the key that was not seen for longest is forgotten first", () => {
  const limiter = new RateLimiter({ burst: 1, perMinute: 1 }, "knocks", new FakeClock());
  limiter.take("victim");
  for (let key = 0; key < 99_999; key++) limiter.take(String(key));
  expect(() => limiter.take("victim")).toThrow(RateLimitError);
  limiter.take("one more");
  expect(() => limiter.take("victim")).toThrow(RateLimitError);
  limiter.take("0");
});
