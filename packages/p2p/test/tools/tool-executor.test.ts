import { sleep } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { ToolDefinition } from "../../src/tools/tool.ts";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";

test("a tool runs here, with a caller that says so", async () => {
  const tools = new ToolExecutor();
  tools.register({ name: "who" }, (args, { caller }) => ({ args, caller }));

  expect(await tools.execute("who", 1)).toEqual({ args: 1, caller: { peerId: "local", hops: 0 } });
});

test("a tool that was taken away is gone, and its name is free", async () => {
  const changes: number[] = [];
  const tools = new ToolExecutor({ onChange: () => changes.push(1) });
  const takeAway = tools.register({ name: "x" }, () => "old");
  takeAway();
  tools.register({ name: "x" }, () => "new");
  takeAway();

  expect(await tools.execute("x", {})).toBe("new");
  expect(tools.definitions).toEqual([{ name: "x" }]);
  expect(changes).toHaveLength(3);
});

test("an error of a tool keeps what was thrown as its cause", async () => {
  const tools = new ToolExecutor();
  const cause = new RangeError("out of paper");
  tools.register({ name: "print" }, () => {
    throw cause;
  });
  tools.register({ name: "odd" }, () => Promise.reject("a text"));

  await expect(tools.execute("print", {})).rejects.toMatchObject({ code: "REMOTE_ERROR", cause });
  await expect(tools.execute("odd", {})).rejects.toMatchObject({ remoteName: "string" });
});

test("the signal and the deadline end the wait, and reach the tool", async () => {
  const clock = new FakeClock();
  const tools = new ToolExecutor({ clock });
  const reasons: unknown[] = [];
  tools.register({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    return new Promise(() => {});
  });
  const controller = new AbortController();
  const given = tools.execute("forever", {}, { signal: controller.signal });
  const late = tools.execute("forever", {}, { deadlineMs: 50 });
  const ends = Promise.allSettled([given, late]);
  controller.abort("enough");
  await clock.advance(50);

  expect(await ends).toMatchObject([
    { reason: { code: "ABORTED", cause: "enough" } },
    { reason: { code: "DEADLINE_EXCEEDED" } },
  ]);
  expect(reasons).toMatchObject(["enough", { code: "DEADLINE_EXCEEDED" }]);
  expect(clock.pending).toBe(0);
});

test("there are no more tools than a peer can advertise", () => {
  const tools = new ToolExecutor();
  for (let count = 0; count < 1_024; count++) tools.register({ name: `${count}` }, () => 1);

  expect(() => tools.register({ name: "one more" }, () => 1)).toThrow(
    expect.objectContaining({ code: "OVERLOADED" }),
  );
});

test.each([
  ["no name", { name: "" }],
  ["a concurrency of 0", { name: "x", concurrency: 0 }],
  ["a permission without a name", { name: "x", permission: "" }],
  ["capabilities that are no names", { name: "x", requires: [""] }],
  ["a queue below 0", { name: "x", queue: -1 }],
  ["a version without a name", { name: "x", version: "" }],
  ["an endless title", { name: "x", title: "x".repeat(257) }],
  ["an endless description", { name: "x", description: "x".repeat(8_193) }],
  ["a hint that is no boolean", { name: "x", annotations: { readOnlyHint: "yes" } as never }],
] satisfies [string, ToolDefinition][])("a tool with %s is refused", (_, definition) => {
  expect(() => new ToolExecutor().register(definition, () => 1)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});

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
