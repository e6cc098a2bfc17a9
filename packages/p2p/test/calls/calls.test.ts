import { NetworkError, type Schema, ValidationError } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

/** A Standard Schema for `{ text: string }`. */
const textSchema: Schema<{ text: string }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { text } = value as { text?: unknown };
      if (typeof text === "string") return { value: { text } };
      return { issues: [{ message: "must be a text", path: ["text"] }] };
    },
  },
};

async function pair(net: TestNetwork) {
  const [caller, callee] = await net.line("caller", "callee");
  if (!caller || !callee) throw new Error("a line of two has two peers");
  return { caller, callee };
}

test("a tool that is not there is TOOL_NOT_FOUND", async () => {
  await using net = new TestNetwork();
  const { caller } = await pair(net);

  await expect(caller.call("callee", "nothing")).rejects.toMatchObject({
    ...{ code: "TOOL_NOT_FOUND", message: "there is no tool called nothing here" },
  });
});

test("what a tool throws is a RemoteError with its name and message", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "broken" }, () => {
    throw new RangeError("out of paper");
  });

  await expect(caller.call("callee", "broken")).rejects.toMatchObject({
    code: "REMOTE_ERROR",
    remoteName: "RangeError",
    message: "broken failed: out of paper",
  });
});

test("an error of the family comes out as it was thrown", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "taken" }, () => {
    throw new NetworkError("CONFLICT", "taken", { details: { by: "bob" } });
  });

  await expect(caller.call("callee", "taken")).rejects.toMatchObject({
    ...{ code: "CONFLICT", message: "taken", details: { by: "bob" } },
  });
});

test("arguments that do not fit the schema are refused before the tool runs", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  let runs = 0;
  callee.registerTool({ name: "say", inputSchema: textSchema }, ({ text }) => {
    runs += 1;
    return text;
  });

  const wrong = caller.executeRemoteTool("callee", "say", { text: 1 });
  await expect(wrong).rejects.toThrow(ValidationError);
  await expect(wrong).rejects.toMatchObject({ issues: [{ path: ["text"] }] });
  expect(await caller.executeRemoteTool("callee", "say", { text: "yes", more: 1 })).toBe("yes");
  expect(runs).toBe(1);
});

test("one call more than a tool runs at once is OVERLOADED, and there is room again after", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  const release = Promise.withResolvers<string>();
  callee.registerTool({ name: "slow", concurrency: 2, queue: 0 }, () => release.promise);
  const running = [caller.call("callee", "slow"), caller.call("callee", "slow")];

  await expect(caller.call("callee", "slow")).rejects.toMatchObject({ code: "OVERLOADED" });
  release.resolve("done");
  expect((await Promise.all(running)).map(({ value }) => value)).toEqual(["done", "done"]);
  expect((await caller.call("callee", "slow")).value).toBe("done");
});

test("a tool that ignores its signal still counts as running", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  const release = Promise.withResolvers<void>();
  callee.registerTool({ name: "deaf", concurrency: 1, queue: 0 }, () => release.promise);
  const call = caller.executeRemoteTool("callee", "deaf", {}, { deadlineMs: 100 });
  call.catch(() => {});
  await net.clock.advance(200);
  await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(callee.tools.running).toBe(1);
  await expect(caller.call("callee", "deaf")).rejects.toMatchObject({ code: "OVERLOADED" });

  release.resolve();
  await settle();
  expect(callee.tools.running).toBe(0);
});

test("progress comes in order, and ends with the call", async () => {
  await using net = new TestNetwork();
  const [caller, , callee] = await net.line("caller", "relay", "callee");
  callee?.registerTool<number>({ name: "count" }, async (to, { progress }) => {
    for (let step = 1; step <= to; step++) {
      progress({ step });
      await settle();
    }
    progress(() => "what cannot travel is left out");
    return "counted";
  });
  const call = caller?.call("callee", "count", 3);
  const steps: unknown[] = [];
  for await (const step of call?.progress ?? []) steps.push(step);

  expect(steps).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }]);
  expect((await call)?.value).toBe("counted");
});

test("progress of a call that fails ends too, and its failure is left to whoever awaits it", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "fail" }, (_, { progress }) => {
    progress(1);
    throw new Error("no");
  });
  const call = caller.call("callee", "fail");
  const steps: unknown[] = [];
  for await (const step of call.progress) steps.push(step);
  await settle();

  expect(steps).toEqual([1]);
  await expect(call).rejects.toThrow("no");
});

test("a call is a promise in every way, and whoever uses it as one drops its stream", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "stream" }, async function* (fails) {
    for (let chunk = 0; chunk < 100; chunk++) yield new Uint8Array(100_000);
    if (fails === true) throw new Error("no");
    return "done";
  });
  const ended: string[] = [];
  const promise: Promise<{ readonly value: unknown }> = caller.call("callee", "stream");

  expect((await promise.finally(() => ended.push("finally"))).value).toBe("done");
  expect(await caller.call("callee", "stream", true).catch((error: Error) => error.message)).toBe(
    "stream failed: no",
  );
  expect(ended).toEqual(["finally"]);
  expect(String(promise)).toBe("[object ToolCall]");
});

test("a tool gets the caller and the context", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "who" }, (_, { caller, context }) => ({ caller, context }));
  const context = { traceparent: "00-1-2-01", caller: "agent 7", labels: { team: "blue" } };

  expect(await caller.executeRemoteTool("callee", "who", {}, { context })).toEqual({
    ...{ caller: { peerId: "caller", hops: 1 }, context },
  });
});

test("a call to this peer itself runs here", async () => {
  await using net = new TestNetwork();
  const { caller } = await pair(net);
  caller.registerTool({ name: "who" }, (_, context) => context.caller);

  expect(await caller.call("caller", "who")).toEqual({
    value: { peerId: "caller", hops: 0 },
    ...{ executedOn: "caller", attempts: 1, hops: 0 },
  });
});

test("a tool that gives nothing gives undefined", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "nothing" }, () => {});

  expect(await caller.executeRemoteTool("callee", "nothing")).toBeUndefined();
});

test.each<[string, () => unknown, string]>([
  ["cannot travel", () => new Map(), "INVALID_ARGUMENT"],
  ["is too large", () => new Uint8Array(2 * 1024 * 1024), "FRAME_TOO_LARGE"],
])("a result that %s is an error that says so, and the link stays", async (_, result, code) => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool({ name: "odd" }, result);

  await expect(caller.call("callee", "odd")).rejects.toMatchObject({ code });
  expect(caller.getConnectedPeers()).toHaveLength(1);
});

test.each([
  ["arguments that cannot travel", "x", [1n], {}, "INVALID_ARGUMENT"],
  ["arguments that are too large", "x", [new Uint8Array(2 ** 21)], {}, "FRAME_TOO_LARGE"],
  ["a tool without a name", "", [], {}, "INVALID_ARGUMENT"],
  ["a key that is too long", "x", [], { idempotencyKey: "k".repeat(200) }, "INVALID_ARGUMENT"],
  ["too many labels", "x", [], { context: { labels: many() } }, "INVALID_ARGUMENT"],
  ["a deadline in the past", "x", [], { deadlineMs: -1 }, "INVALID_ARGUMENT"],
])("a call with %s is refused here", async (_, tool, args, options, code) => {
  await using net = new TestNetwork();
  const { caller } = await pair(net);

  await expect(caller.call("callee", tool, args, options)).rejects.toMatchObject({ code });
  expect(caller.getConnectedPeers()).toHaveLength(1);
});

function many(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`label${i}`, "x"]));
}

test("a call whose signal has aborted is not even sent", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  let runs = 0;
  callee.registerTool({ name: "x" }, () => runs++);
  const signal = AbortSignal.abort(new Error("too late"));

  await expect(caller.call("callee", "x", {}, { signal })).rejects.toMatchObject({
    ...{ code: "ABORTED", cause: { message: "too late" } },
  });
  await settle();
  expect(runs).toBe(0);
});

test("a thousand calls leave no timer, no listener and nothing pending", async () => {
  await using net = new TestNetwork();
  const { caller, callee } = await pair(net);
  callee.registerTool<number>({ name: "double", concurrency: 1_000 }, (n) => 2 * n);
  await net.calm();
  const pending = net.clock.pending;
  const { signal } = new AbortController();
  const calls = Array.from({ length: 1_000 }, (_, n) =>
    caller.executeRemoteTool("callee", "double", n, { signal, deadlineMs: 10_000 }),
  );

  expect((await Promise.all(calls)).at(-1)).toBe(1_998);
  await net.calm();
  expect(net.clock.pending).toBe(pending);
});

test("a tool asks for what this peer has, or is not taken", async () => {
  await using net = new TestNetwork();
  const peer = await net.peer("a", { capabilities: ["gpu"] });
  peer.registerTool({ name: "train", requires: ["gpu"] }, () => 1);

  expect(() => peer.registerTool({ name: "drive", requires: ["gpu", "wheels"] }, () => 1)).toThrow(
    "drive needs what this peer does not have: wheels",
  );
  expect(() => peer.registerTool({ name: "train" }, () => 1)).toThrow("already");
});

test.each<[unknown, string]>([
  [{ priority: "urgent" }, 'the priority of a call must be "high", "normal" or "low"'],
  [{ signal: 5 }, "the signal of a call must be an AbortSignal"],
  [{ idempotencykey: "x" }, "a call has no option idempotencykey: did you mean idempotencyKey?"],
  [null, "the options of a call must be an object"],
])("a call with the options %j is refused before it leaves", async (options, why) => {
  await using net = new TestNetwork();
  const [a, b] = await net.line("a", "b");
  let ran = 0;
  b?.registerTool({ name: "count" }, () => ++ran);
  const call = a?.call("b", "count", {}, options as object);

  await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(call).rejects.toThrow(why);
  expect(ran).toBe(0);
});

test("a tool is refused at the network, too, that is none", async () => {
  await using net = new TestNetwork();
  const a = net.idle("a");

  expect(() => a.registerTool(null as never, () => 1)).toThrow("definition must be an object");
  expect(() => a.registerTool({ name: "x" }, undefined as never)).toThrow("the handler of x");
});
