import { sleep } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";

test("calls beyond its concurrency wait their turn, first come first served, and one more is told at once", async () => {
  const tools = new ToolExecutor();
  const begun: unknown[] = [];
  const ends: (() => void)[] = [];
  tools.register({ name: "narrow", concurrency: 1, queue: 2 }, async (args) => {
    begun.push(args);
    await new Promise<void>((resolve) => ends.push(resolve));
    return args;
  });
  const calls = [1, 2, 3].map((n) => tools.execute("narrow", n));
  const tooMany = await tools.run("narrow", 4);

  expect(tooMany).toMatchObject({
    fate: "not-run",
    error: { code: "OVERLOADED", retryable: true },
  });
  expect([tools.running, tools.waiting]).toEqual([1, 2]);
  for (const end of ends) {
    end();
    await settle();
  }
  expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  expect(begun).toEqual([1, 2, 3]);
  expect([tools.running, tools.waiting]).toEqual([0, 0]);
});

test("without a queue one more call is told at once", async () => {
  const tools = new ToolExecutor();
  tools.register({ name: "narrow", concurrency: 1, queue: 0 }, () => new Promise(() => {}));
  void tools.run("narrow", 1);
  expect(await tools.run("narrow", 2)).toMatchObject({ error: { code: "OVERLOADED" } });
});

test("four times its concurrency wait unless a tool says otherwise, and 1024 at most", async () => {
  const tools = new ToolExecutor();
  tools.register({ name: "few", concurrency: 2 }, () => new Promise(() => {}));
  tools.register({ name: "many", concurrency: 1_000 }, () => new Promise(() => {}));
  for (let count = 0; count < 10; count++) void tools.run("few", {});
  expect(await tools.run("few", {})).toMatchObject({ error: { code: "OVERLOADED" } });
  for (let count = 0; count < 2_024; count++) void tools.run("many", {});
  expect(await tools.run("many", {})).toMatchObject({ error: { code: "OVERLOADED" } });
});

test("over all tools, no more calls run and wait than the executor takes", async () => {
  const tools = new ToolExecutor({ maxCalls: 3 });
  tools.register({ name: "a", concurrency: 1 }, () => new Promise(() => {}));
  tools.register({ name: "b" }, () => "quick");
  const controller = new AbortController();
  void tools.run("a", 1);
  void tools.run("a", 2);
  const third = tools.run("a", 3, { signal: controller.signal });

  expect(await tools.run("b", {})).toMatchObject({
    fate: "not-run",
    error: { code: "OVERLOADED" },
  });
  controller.abort();
  await third;
  expect(await tools.execute("b", {})).toBe("quick");
});

test("a call that gives up while it waits was never run, and lets the next one go before", async () => {
  const clock = new FakeClock();
  const tools = new ToolExecutor({ clock });
  const begun: unknown[] = [];
  const end = Promise.withResolvers<void>();
  tools.register({ name: "narrow", concurrency: 1 }, async (args) => {
    begun.push(args);
    await end.promise;
  });
  const controller = new AbortController();
  void tools.run("narrow", "first");
  const given = tools.run("narrow", "given up", { signal: controller.signal });
  const late = tools.run("narrow", "late", { deadlineMs: 50 });
  const last = tools.run("narrow", "last");
  controller.abort();
  await clock.advance(50);
  end.resolve();

  expect(await given).toMatchObject({ fate: "not-run", error: { code: "ABORTED" } });
  expect(await late).toMatchObject({ fate: "not-run", error: { code: "DEADLINE_EXCEEDED" } });
  expect(await last).toMatchObject({ ok: true });
  expect(begun).toEqual(["first", "last"]);
  expect(clock.pending).toBe(0);
});

test("a place that is handed to a call in the moment it gives up is not lost", async () => {
  const tools = new ToolExecutor();
  const end = Promise.withResolvers<void>();
  tools.register({ name: "narrow", concurrency: 1 }, (args) => (args === 1 ? end.promise : args));
  const controller = new AbortController();
  const first = tools.run("narrow", 1);
  const second = tools.run("narrow", 2, { signal: controller.signal });
  end.resolve();
  await first;
  controller.abort();

  await second;
  expect(await tools.execute("narrow", 3)).toBe(3);
});

test("who is refused learns when to come back, once it is known how long a call takes", async () => {
  const clock = new FakeClock();
  const tools = new ToolExecutor({ clock });
  tools.register({ name: "slow", concurrency: 1, queue: 1 }, () => sleep(100, { clock }));
  const first = tools.run("slow", {});
  await clock.advance(100);
  await first;
  void tools.run("slow", {});
  const hopeless = await tools.run("slow", {}, { deadlineMs: 99 });
  void tools.run("slow", {});
  const tooMany = await tools.run("slow", {});

  expect(hopeless).toMatchObject({
    error: { code: "OVERLOADED", message: expect.stringContaining("deadline") },
  });
  expect(tooMany).toMatchObject({ error: { code: "OVERLOADED", details: { retryAfterMs: 200 } } });
});

test("a tool that ignores its signal keeps its place until it ends", async () => {
  const tools = new ToolExecutor();
  const end = Promise.withResolvers<void>();
  tools.register({ name: "deaf", concurrency: 1, queue: 0 }, () => end.promise);
  const controller = new AbortController();
  const call = tools.run("deaf", {}, { signal: controller.signal });
  controller.abort();

  expect(await call).toMatchObject({ fate: "given-up" });
  expect(await tools.run("deaf", {})).toMatchObject({ error: { code: "OVERLOADED" } });
  end.resolve();
  await settle();
  expect(await tools.run("deaf", {})).toMatchObject({ ok: true });
});
