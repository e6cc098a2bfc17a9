import { FakeClock } from "@net/core/testing";
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

test.each<[string, unknown, string]>([
  ["null", null, "a tool's definition must be an object"],
  ["with a slip of the finger", { name: "x", idempotant: true }, "did you mean idempotent?"],
  ["that is no boolean", { name: "x", idempotent: "yes" }, "idempotent of x must be true or false"],
])("a definition %s is refused, and says what was meant", (_, definition, why) => {
  const register = (): unknown =>
    new ToolExecutor().register(definition as ToolDefinition, () => 1);

  expect(register).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(register).toThrow(why);
});

test.each([undefined, null, "greet", {}])("a handler that is %s is refused", (handler) => {
  const tools = new ToolExecutor();

  expect(() => tools.register({ name: "greet" }, handler as never)).toThrow(
    expect.objectContaining({
      ...{ code: "INVALID_ARGUMENT", message: "the handler of greet must be a function" },
    }),
  );
  expect(tools.describeTools()).toEqual([]);
});
