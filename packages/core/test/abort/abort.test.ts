import { getEventListeners } from "node:events";
import {
  AbortedError,
  abortable,
  deadline,
  linkSignals,
  NetworkTimeoutError,
  onAbort,
  sleep,
  ValidationError,
} from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";

test("a linked signal aborts with whichever source aborts first, with its reason", () => {
  const [a, b] = [new AbortController(), new AbortController()];
  using linked = linkSignals([a.signal, undefined, b.signal]);
  b.abort("b went");
  a.abort("a went");

  expect(linked.signal.aborted).toBe(true);
  expect(linked.signal.reason).toBe("b went");
});

test("a linked signal of an aborted source is aborted, and aborting it harms no source", () => {
  const source = new AbortController();
  using linked = linkSignals([source.signal]);
  linked.abort("mine");

  expect(source.signal.aborted).toBe(false);
  expect(linkSignals([linked.signal]).signal.reason).toBe("mine");
});

test("100,000 calls leave no listener on a signal that lives as long as the process", async () => {
  const { signal } = new AbortController();
  const clock = new FakeClock();
  const done = Promise.resolve();
  for (let i = 0; i < 100_000; i++) {
    using _linked = linkSignals([signal]);
    using _limit = deadline(1_000, signal, { clock });
    using _listener = onAbort(signal, () => {});
    if (i % 100 === 0) await abortable(done, signal);
  }

  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect(clock.pending).toBe(0);
});

test("sleep ends on the clock it was given", async () => {
  const clock = new FakeClock();
  let awake = false;
  const slept = sleep(1_000, { clock }).then(() => (awake = true));
  await clock.advance(999);
  expect(awake).toBe(false);
  await clock.advance(1);
  await slept;

  expect(awake).toBe(true);
});

test("an aborted sleep rejects with the reason as cause and leaves no timer and no listener", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const slept = sleep(1_000, { clock, signal: controller.signal });
  const reason = new Error("changed my mind");
  controller.abort(reason);

  await expect(slept).rejects.toMatchObject({ code: "ABORTED", cause: reason });
  expect(clock.pending).toBe(0);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("a deadline aborts its signal with DEADLINE_EXCEEDED, and counts down", async () => {
  const clock = new FakeClock();
  using limit = deadline(100, undefined, { clock });
  await clock.advance(60);
  expect(limit.remainingMs()).toBe(40);
  await clock.advance(60);

  expect(limit.remainingMs()).toBe(0);
  expect(NetworkTimeoutError.is(limit.signal.reason, "DEADLINE_EXCEEDED")).toBe(true);
  await expect(sleep(1, { signal: limit.signal })).rejects.toBe(limit.signal.reason);
});

test("a deadline aborts with its caller, as AbortedError and not as a time-out", async () => {
  const controller = new AbortController();
  using limit = deadline(100, controller.signal, { clock: new FakeClock() });
  controller.abort("enough");

  await expect(sleep(1, { signal: limit.signal })).rejects.toMatchObject({
    code: "ABORTED",
    cause: "enough",
  });
});

test("no limit means no timer; a negative one is a ValidationError", () => {
  const clock = new FakeClock();
  using limit = deadline(undefined, undefined, { clock });

  expect(limit.remainingMs()).toBe(Number.POSITIVE_INFINITY);
  expect(clock.pending).toBe(0);
  expect(() => deadline(-1)).toThrow(ValidationError);
  expect(() => deadline(Number.NaN)).toThrow(ValidationError);
});

test("abortable gives up on what never ends, and passes on what does", async () => {
  const controller = new AbortController();
  const never = abortable(new Promise(() => {}), controller.signal);
  controller.abort();

  await expect(never).rejects.toThrow(AbortedError);
  await expect(abortable(Promise.resolve(7), controller.signal)).rejects.toThrow(AbortedError);
  await expect(abortable(Promise.resolve(7))).resolves.toBe(7);
});

test("abortable swallows the rejection of what it gave up on", async () => {
  const late = Promise.withResolvers<never>();
  const call = abortable(late.promise, AbortSignal.abort());
  await expect(call).rejects.toThrow(AbortedError);
  late.reject(new Error("nobody listens"));
  await Promise.resolve();
});
