import { AbortedError, TokenBucket, TokenBuckets, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

test("a burst up to its capacity, and then its rate", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ capacity: 3, perSecond: 2, clock });

  expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false]);
  expect(bucket.waitMs()).toBe(500);
  await clock.advance(499);
  expect(bucket.tryTake()).toBe(false);
  await clock.advance(1);
  expect(bucket.tryTake()).toBe(true);
  await clock.advance(3_600_000);
  expect(bucket.available).toBe(3);
});

test("who takes waits in turn", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ capacity: 1, perSecond: 1, clock });
  const done: string[] = [];
  for (const name of ["a", "b", "c"]) void bucket.take().then(() => done.push(name));

  await clock.advance(0);
  expect(done).toEqual(["a"]);
  await clock.advance(1_000);
  expect(done).toEqual(["a", "b"]);
  await clock.advance(1_000);
  expect(done).toEqual(["a", "b", "c"]);
});

test("who gives up waiting took nothing", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ capacity: 1, perSecond: 1, clock });
  const controller = new AbortController();
  await bucket.take();
  const waiting = bucket.take(1, { signal: controller.signal }).catch((error: unknown) => error);

  controller.abort();

  expect(AbortedError.is(await waiting)).toBe(true);
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  expect(bucket.tryTake()).toBe(true);
});

test("more than it ever holds is refused, not waited for", async () => {
  const bucket = new TokenBucket({ capacity: 2, perSecond: 1, clock: new FakeClock() });

  expect(bucket.waitMs(3)).toBe(Number.POSITIVE_INFINITY);
  await expect(bucket.take(3)).rejects.toSatisfy((error) => ValidationError.is(error));
  expect(() => new TokenBucket({ capacity: 0, perSecond: 1 })).toThrow(ValidationError);
  expect(() => new TokenBuckets({ capacity: 1, perSecond: 0 })).toThrow(ValidationError);
});

test("each key has a bucket of its own", () => {
  const buckets = new TokenBuckets({ capacity: 1, perSecond: 1, clock: new FakeClock() });

  expect(buckets.of("a").tryTake()).toBe(true);
  expect(buckets.of("a").tryTake()).toBe(false);
  expect(buckets.of("b").tryTake()).toBe(true);
});

test("a million keys are not remembered: the full ones go first, then the oldest", async () => {
  const clock = new FakeClock();
  const buckets = new TokenBuckets({ capacity: 1, perSecond: 1, maxKeys: 2, clock });
  buckets.of("old").tryTake();
  buckets.of("new").tryTake();

  buckets.of("newest").tryTake();

  expect(buckets.size).toBe(2);
  expect(buckets.of("new").tryTake()).toBe(false);
  await clock.advance(1_000);
  buckets.of("x");
  expect(buckets.size).toBe(1);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
  "%d tokens cannot be taken, and change nothing",
  async (tokens) => {
    const bucket = new TokenBucket({ capacity: 2, perSecond: 1, clock: new FakeClock() });

    expect(() => bucket.tryTake(tokens)).toThrow(ValidationError);
    expect(() => bucket.waitMs(tokens)).toThrow(ValidationError);
    await expect(bucket.take(tokens)).rejects.toThrow(ValidationError);
    expect(bucket.available).toBe(2);
  },
);
