import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { ToolHandler } from "../../src/tools/tool.ts";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";

function executorOf(handler: ToolHandler<void, unknown>): ToolExecutor {
  const tools = new ToolExecutor();
  tools.register<void>({ name: "t", concurrency: 1, queue: 0 }, handler);
  return tools;
}

test("what a generator yields is streamed, and what it returns is the result", async () => {
  const tools = executorOf(async function* () {
    yield "a";
    yield "b";
    return 2;
  });
  const chunks: unknown[] = [];
  const onChunk = (value: unknown): void => void chunks.push(value);

  expect(await tools.execute("t", {}, { onChunk })).toBe(2);
  expect(chunks).toEqual(["a", "b"]);
  expect(await tools.execute("t", {})).toBe(2);
});

test("any AsyncIterable streams; one that returns nothing gives nothing", async () => {
  const tools = executorOf(() => ReadableStream.from(["x", "y"]));
  const chunks: unknown[] = [];

  expect(await tools.execute("t", {}, { onChunk: (value) => void chunks.push(value) })).toBe(
    undefined,
  );
  expect(chunks).toEqual(["x", "y"]);
});

test("a generator is not asked for more than its reader has room for", async () => {
  let made = 0;
  const tools = executorOf(async function* () {
    for (; made < 3; ) yield ++made;
  });
  const rooms: (() => void)[] = [];
  const onChunk = (): Promise<void> => new Promise((resolve) => rooms.push(resolve));
  const call = tools.run("t", {}, { onChunk });

  for (const taken of [1, 2, 3]) {
    await settle();
    expect(made).toBe(taken);
    rooms.at(-1)?.();
  }
  expect(await call).toMatchObject({ ok: true });
});

test("a generator that waits for its reader ends when the caller gives up", async () => {
  const ends: string[] = [];
  const tools = executorOf(async function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      await settle();
      ends.push("closed");
    }
  });
  const controller = new AbortController();
  const call = tools.run(
    "t",
    {},
    { signal: controller.signal, onChunk: () => new Promise(() => {}) },
  );
  await settle();
  controller.abort();

  expect(await call).toMatchObject({ fate: "given-up", error: { code: "ABORTED" } });
  expect(tools.running).toBe(1);
  await settle();
  expect([ends, tools.running]).toEqual([["closed"], 0]);
});

test("a generator that waits for its source learns of it at once, and gives nothing more away", async () => {
  const source = Promise.withResolvers<string>();
  const returned: string[] = [];
  const stream = {
    next: () => source.promise.then((value) => ({ done: false, value })),
    return: () => {
      returned.push("return");
      source.resolve("too late");
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const chunks: unknown[] = [];
  const tools = executorOf(() => stream);
  const controller = new AbortController();
  const onChunk = (value: unknown): void => void chunks.push(value);
  const call = tools.run("t", {}, { signal: controller.signal, onChunk });
  await settle();
  controller.abort();

  expect(await call).toMatchObject({ fate: "given-up" });
  await settle();
  expect({ returned, chunks, running: tools.running }).toEqual({
    ...{ returned: ["return"], chunks: [], running: 0 },
  });
});

test("a stream whose ending fails at once fails nobody but itself", async () => {
  const stream = {
    next: () => new Promise<never>(() => {}),
    return: () => {
      throw new Error("cannot end");
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const tools = executorOf(() => stream);
  const controller = new AbortController();
  const call = tools.run("t", {}, { signal: controller.signal });
  await settle();
  controller.abort();
  expect(await call).toMatchObject({ fate: "given-up" });
});

test("what a generator throws is the call's failure, after what it yielded", async () => {
  const chunks: unknown[] = [];
  const tools = executorOf(async function* () {
    yield 1;
    throw new RangeError("no more");
  });

  expect(await tools.run("t", {}, { onChunk: (value) => void chunks.push(value) })).toMatchObject({
    ...{ fate: "failed", error: { code: "REMOTE_ERROR", remoteName: "RangeError" } },
  });
  expect(chunks).toEqual([1]);
});

test("a reader that fails ends the generator, and its own failure is told", async () => {
  const ends: string[] = [];
  const tools = executorOf(async function* () {
    try {
      yield 1;
    } finally {
      ends.push("closed");
    }
  });
  const onChunk = (): void => {
    throw new TypeError("reader");
  };

  expect(await tools.run("t", {}, { onChunk })).toMatchObject({
    error: { remoteName: "TypeError" },
  });
  expect(ends).toEqual(["closed"]);
});
