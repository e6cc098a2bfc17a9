import { ValidationError } from "@net/core";
import {
  DistributedExecutor,
  type DistributedExecutorOptions,
  type ExecuteOptions,
  ToolExecutor,
  ToolRouter,
} from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const tools = new ToolExecutor();
tools.register<number>({ name: "double" }, (n) => 2 * n);

test.each<[string, unknown]>([
  ["a DistributedExecutor has no option maxPerPeers: did you mean maxPerPeer?", { maxPerPeers: 1 }],
  ["a DistributedExecutor must be an object", null],
  ["clock must be a Clock", { clock: {} }],
  ["rng must be an Rng", { rng: Math.random }],
  ["retryBudget must be a RetryBudget", { retryBudget: 0.2 }],
  ["breaker must be an object", { breaker: false }],
  ["breaker has no option windows: did you mean window?", { breaker: { windows: 1 } }],
  ["failureRatio must be a number from 0 to 1", { breaker: { failureRatio: 50 } }],
  ["maxPerPeer must be 1 or more", { maxPerPeer: 0 }],
  ["maxWaiting must be 0 or more", { maxWaiting: -1 }],
  ["recoverFor must be 0 or more", { recoverFor: "soon" }],
])("an executor is not made where %s", (message, options) => {
  const make = (): unknown =>
    new DistributedExecutor(tools, new ToolRouter(), options as DistributedExecutorOptions);

  expect(make).toThrow(ValidationError);
  expect(make).toThrow(message);
});

test.each([undefined, null, {}, "tools", new ToolRouter()])(
  "nor without a ToolExecutor: %j",
  (local) => {
    const make = (): unknown => new DistributedExecutor(local as ToolExecutor, new ToolRouter());

    expect(make).toThrow(ValidationError);
    expect(make).toThrow("the localExecutor of a DistributedExecutor must be a ToolExecutor");
  },
);

test.each([undefined, null, {}, "router", tools])("nor without a ToolRouter: %j", (router) => {
  const make = (): unknown => new DistributedExecutor(tools, router as ToolRouter);

  expect(make).toThrow(ValidationError);
  expect(make).toThrow("the router of a DistributedExecutor must be a ToolRouter");
});

test("a network takes nothing but routers", async () => {
  await using net = new TestNetwork();
  const peer = await net.peer("peer");

  for (const router of [{}, null, undefined, "router"]) {
    expect(() => peer.attach(router as ToolRouter)).toThrow(ValidationError);
    expect(() => peer.attach(router as ToolRouter)).toThrow(
      "the router to attach must be a ToolRouter",
    );
  }
});

test.each([null, 5, "caller", []])("nothing runs in the context %j", async (context) => {
  const executor = new DistributedExecutor(tools, new ToolRouter());
  const execution = executor.execute("double", 2, context as object);

  await expect(execution).rejects.toThrow(ValidationError);
  await expect(execution).rejects.toThrow("the context of an execution must be an object");
  expect(executor.getStats()).toMatchObject({ started: 0, running: 0 });
});

test.each<[string, unknown]>([
  ["the options of an execution must be an object", null],
  ["the options of an execution must be an object", "fast"],
  ["an execution has no option deadline: did you mean deadlineMs?", { deadline: 5 }],
  ["an execution has no option hegde: did you mean hedge?", { hegde: true }],
  ["idempotencyKey must be", { idempotencyKey: "" }],
  ["failover must be", { failover: "always" }],
])("nothing runs where %s", async (message, options) => {
  const executor = new DistributedExecutor(tools, new ToolRouter());
  const execution = executor.execute("double", 2, {}, options as ExecuteOptions);

  await expect(execution).rejects.toThrow(ValidationError);
  await expect(execution).rejects.toThrow(message);
  expect(executor.getStats()).toMatchObject({ started: 0, running: 0 });
});

test("what of several has a context that is none ends so, and the others run", async () => {
  const executor = new DistributedExecutor(tools, new ToolRouter());
  const results = await executor.executeParallel([
    { toolName: "double", params: 2 },
    { toolName: "double", params: 2, context: null as never },
  ]);

  expect(results).toMatchObject([
    { ok: true, value: 4 },
    { ok: false, error: { code: "INVALID_ARGUMENT" } },
  ]);
});
