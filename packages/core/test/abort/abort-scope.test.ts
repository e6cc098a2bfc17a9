import { getEventListeners } from "node:events";
import { AbortedError, AbortScope, NetworkTimeoutError, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

test("a scope is over at its deadline, and says so to listeners and to its signal", async () => {
  const clock = new FakeClock();
  using scope = new AbortScope({ deadlineMs: 100, clock });
  const heard: unknown[] = [];
  scope.onOver((error) => heard.push(error));
  const { signal } = scope;
  await clock.advance(99);
  expect([scope.isOver, scope.remainingMs(), signal.aborted]).toEqual([false, 1, false]);
  await clock.advance(1);

  expect([scope.isOver, scope.remainingMs(), signal.aborted]).toEqual([true, 0, true]);
  expect(NetworkTimeoutError.is(scope.error, "DEADLINE_EXCEEDED")).toBe(true);
  expect(heard).toEqual([scope.error]);
  expect(signal.reason).toBe(scope.error);
});

test("who asks after the end gets a signal that has aborted, and is called back at once", () => {
  const scope = new AbortScope();
  scope.abort("enough");
  scope.abort("too late");
  const heard: unknown[] = [];
  scope.onOver((error) => heard.push(error));

  expect(scope.signal.aborted).toBe(true);
  expect(scope.signal.reason).toBe("enough");
  expect(heard).toMatchObject([{ code: "ABORTED", cause: "enough" }]);
});

test("a scope within another, or within a signal, is over with it, and not the other way round", () => {
  const controller = new AbortController();
  const outer = new AbortScope({ within: controller.signal });
  const inner = new AbortScope({ within: outer });
  const sibling = new AbortScope({ within: outer });
  sibling.abort("mine");
  expect([outer.isOver, inner.isOver]).toEqual([false, false]);
  controller.abort("all");

  expect(inner.error).toMatchObject({ code: "ABORTED", cause: "all" });
  expect(new AbortScope({ within: outer }).signal.reason).toBe("all");
  expect(AbortedError.is(sibling.error) && sibling.error.cause).toBe("mine");
});

test("what is left of a scope is no more than of the one around it", async () => {
  const clock = new FakeClock();
  using outer = new AbortScope({ deadlineMs: 100, clock });
  using inner = new AbortScope({ within: outer });
  using short = new AbortScope({ deadlineMs: 40, within: outer });
  await clock.advance(30);

  expect([inner.remainingMs(), short.remainingMs()]).toEqual([70, 10]);
  expect(new AbortScope().remainingMs()).toBe(Number.POSITIVE_INFINITY);
});

test("a scope that ended leaves neither timer nor listener, however it ended", () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const outer = new AbortScope({ deadlineMs: 1_000, within: signal, clock });
  const inner = new AbortScope({ deadlineMs: 500, within: outer, clock });
  inner.abort();
  expect(clock.pending).toBe(1);
  outer[Symbol.dispose]();

  expect(clock.pending).toBe(0);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect(outer.isOver).toBe(false);
});

test("listeners hear in their order; one that another takes away meanwhile hears nothing", () => {
  const scope = new AbortScope();
  const heard: string[] = [];
  const [first, , third] = ["first", "second", "third", "fourth"].map((name) =>
    scope.onOver(() => {
      heard.push(name);
      if (name === "second") third?.[Symbol.dispose]();
    }),
  );
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  scope.onOver(() => heard.push("fifth"));
  scope.abort();

  expect(heard).toEqual(["second", "fourth", "fifth"]);
});

test("a listener that was taken away hears nothing", () => {
  const scope = new AbortScope();
  const heard: unknown[] = [];
  const listener = scope.onOver((error) => heard.push(error));
  listener[Symbol.dispose]();
  scope.abort();

  expect(heard).toEqual([]);
});

test("a promise is bound by a scope, and its late rejection is nobody's", async () => {
  const scope = new AbortScope();
  await expect(scope.bound(Promise.resolve(7))).resolves.toBe(7);
  await expect(scope.bound(Promise.reject(new Error("no")))).rejects.toThrow("no");
  const late = Promise.withResolvers<never>();
  const bound = scope.bound(late.promise);
  scope.abort("gone");
  late.reject(new Error("nobody listens"));

  await expect(bound).rejects.toMatchObject({ code: "ABORTED", cause: "gone" });
  await expect(scope.bound(Promise.resolve(7))).rejects.toMatchObject({ code: "ABORTED" });
});

test("a scope refuses a deadline that is none", () => {
  expect(() => new AbortScope({ deadlineMs: -1 })).toThrow(ValidationError);
  expect(() => new AbortScope({ deadlineMs: Number.NaN })).toThrow(ValidationError);
});

test("who has just read the clock may say so: the deadline counts from then", async () => {
  const clock = new FakeClock();
  const startMs = clock.monotonicMs();
  await clock.advance(30);
  using scope = new AbortScope({ deadlineMs: 100, startMs, clock });

  expect(scope.remainingMs()).toBe(70);
  expect(scope.remainingMs(startMs + 90)).toBe(10);
  expect(scope.remainingMs(startMs + 110)).toBe(0);
  await clock.advance(70);
  expect(NetworkTimeoutError.is(scope.error, "DEADLINE_EXCEEDED")).toBe(true);
  expect(() => new AbortScope({ deadlineMs: 1, startMs: Number.NaN })).toThrow(ValidationError);
});

test("half of the time is told once, and the end comes when it would have come", async () => {
  const clock = new FakeClock();
  const told: number[] = [];
  const onHalfTime = (): void => void told.push(clock.monotonicMs() - startMs);
  const startMs = clock.monotonicMs();
  using scope = new AbortScope({ deadlineMs: 100, onHalfTime, clock });
  await clock.advance(99);
  expect([told, scope.isOver]).toEqual([[50], false]);
  await clock.advance(1);
  expect([told, scope.isOver]).toEqual([[50], true]);
  expect(NetworkTimeoutError.is(scope.error) && scope.error.timeoutMs).toBe(100);
});

test("what has ended before is told no half time, and leaves no timer", async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const disposed = new AbortScope({ deadlineMs: 100, onHalfTime: () => told.push("a"), clock });
  disposed[Symbol.dispose]();
  const aborted = new AbortScope({ deadlineMs: 100, onHalfTime: () => told.push("b"), clock });
  aborted.abort();
  const late = new AbortScope({ deadlineMs: 100, onHalfTime: () => late.abort(), clock });
  await clock.advance(50);
  expect(told).toEqual([]);
  expect(late.isOver).toBe(true);
  expect(clock.pending).toBe(0);
});

test("before anybody listens there is no timer, and the end is seen all the same", async () => {
  const clock = new FakeClock();
  const scope = new AbortScope({ deadlineMs: 100, clock });
  expect(clock.pending).toBe(0);
  await clock.advance(100);
  expect(NetworkTimeoutError.is(scope.error, "DEADLINE_EXCEEDED")).toBe(true);
  expect(scope.signal.aborted).toBe(true);
});
