import { ConnectionError, seededRng } from "@net/core";
import { settle } from "@net/core/testing";
import { DistributedExecutor, type PeerNetwork, ToolExecutor, ToolRouter } from "@net/p2p";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

/** What peers offer is told after a moment, so that changes travel together. */
async function everybodyKnows(net: TestNetwork): Promise<void> {
  await net.clock.advance(1_000);
}

/** Workers around one caller, each with a tool that says where it runs. */
async function star(net: TestNetwork, ...ids: readonly string[]) {
  const caller = await net.peer("caller");
  const workers = new Map<string, PeerNetwork>();
  for (const id of ids) {
    const worker = await net.peer(id);
    worker.registerTool({ name: "where" }, () => id);
    await caller.connect(`memory:${id}`);
    workers.set(id, worker);
  }
  await everybodyKnows(net);
  const executor = new DistributedExecutor(caller.tools, caller.router(), { clock: net.clock });
  return { caller, workers, executor };
}

test("a tool runs on a peer that has it, over a relay too", async () => {
  await using net = new TestNetwork();
  const [desktop, , gpuBox] = await net.line("desktop", "laptop", "gpu-box");
  gpuBox?.registerTool<{ n: number }>({ name: "square" }, ({ n }) => n * n);
  await everybodyKnows(net);
  if (!desktop) throw new Error("a line of three has three peers");
  const executor = new DistributedExecutor(desktop.tools, desktop.router(), { clock: net.clock });

  expect(await executor.execute("square", { n: 7 })).toEqual({
    ...{ value: 49, executedOn: "gpu-box", attempts: 1 },
  });
});

test("capabilities, and the wish for this process, decide where it runs", async () => {
  await using net = new TestNetwork();
  const caller = await net.peer("caller", { capabilities: ["screen"] });
  const gpuBox = await net.peer("gpu-box", { capabilities: ["gpu"] });
  for (const peer of [caller, gpuBox]) peer.registerTool({ name: "where" }, () => peer.peerId);
  await caller.connect("memory:gpu-box");
  const executor = new DistributedExecutor(caller.tools, caller.router(), { clock: net.clock });
  const where = async (options: object): Promise<unknown> =>
    (await executor.execute("where", {}, {}, options)).value;

  expect(await where({ requiredCapabilities: ["gpu"] })).toBe("gpu-box");
  expect(await where({ requiredCapabilities: ["screen"] })).toBe("caller");
  for (let round = 0; round < 20; round++)
    expect(await where({ preferLocal: true })).toBe("caller");
  await expect(where({ requiredCapabilities: ["gpu", "screen"] })).rejects.toMatchObject({
    code: "TOOL_NOT_FOUND",
    message: "no peer that can be reached offers where and has gpu, screen",
  });
});

test("a router that is attached to no network keeps to this process", async () => {
  const tools = new ToolExecutor();
  tools.register<number>({ name: "double" }, (n) => 2 * n);
  const executor = new DistributedExecutor(tools, new ToolRouter());

  expect(await executor.execute("double", 2)).toEqual({
    ...{ value: 4, executedOn: "local", attempts: 1 },
  });
  await expect(executor.execute("triple", 2)).rejects.toMatchObject({ code: "TOOL_NOT_FOUND" });
});

test("a bare router finds the peers of the network that it is attached to, and of no second one", async () => {
  await using net = new TestNetwork();
  const { caller, workers } = await star(net, "worker");
  const router = caller.attach(new ToolRouter({ rng: seededRng(1) }));
  const executor = new DistributedExecutor(new ToolExecutor(), router, { clock: net.clock });

  expect((await executor.execute("where", {})).executedOn).toBe("worker");
  expect(() => workers.get("worker")?.attach(router)).toThrow("another network");
});

test("when a peer dies during a call, an idempotent tool runs again on another one", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one", "two");
  const runs: string[] = [];
  for (const [id, worker] of workers) {
    worker.registerTool({ name: "work", idempotent: true }, () => {
      runs.push(id);
      return runs.length === 1 ? new Promise(() => {}) : `done by ${id}`;
    });
  }
  await everybodyKnows(net);
  const execution = executor.execute("work", {});
  await settle();
  const [first = ""] = runs;
  const second = first === "one" ? "two" : "one";
  net.faults.loseLinks(first);

  expect(await execution).toEqual({ value: `done by ${second}`, executedOn: second, attempts: 2 });
  expect(executor.getStats()).toMatchObject({
    ...{ started: 1, succeeded: 1, failed: 0, running: 0, failovers: 1 },
    executedOn: { [second]: 1 },
  });
});

test("a frozen peer is found out by the heartbeat, and a call finishes elsewhere if its caller agrees", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one", "two");
  const runs: string[] = [];
  for (const [id, worker] of workers) {
    worker.registerTool({ name: "work" }, () => {
      runs.push(id);
      return runs.length === 1 ? new Promise(() => {}) : "done";
    });
  }
  await everybodyKnows(net);
  const agreed = { idempotencyKey: "job 1", failover: "unknown" } as const;
  const execution = executor.execute("work", {}, {}, agreed);
  await settle();
  net.faults.freeze(runs[0] ?? "");

  expect(await net.until(execution)).toMatchObject({ value: "done", attempts: 2 });
  net.faults.thaw(runs[0] ?? "");
});

test("a tool that may not run twice is not run again, and its caller is told the truth", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one", "two");
  const runs: string[] = [];
  for (const [id, worker] of workers) {
    worker.registerTool({ name: "pay" }, () => {
      runs.push(id);
      return new Promise(() => {});
    });
  }
  await everybodyKnows(net);
  const execution = executor.execute("pay", {});
  execution.catch(() => {});
  await settle();
  net.faults.loseLinks(runs[0] ?? "");

  await expect(execution).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN", retryable: false });
  await settle();
  expect(runs).toHaveLength(1);
  expect(executor.getStats()).toMatchObject({ started: 1, failed: 1, failovers: 0 });
});

test("what a tool itself reports is final, whatever it is", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one", "two");
  let runs = 0;
  for (const [, worker] of workers) {
    worker.registerTool({ name: "fetch", idempotent: true }, () => {
      runs += 1;
      throw new ConnectionError("the site is down", { code: "CONNECTION_LOST" });
    });
  }
  await everybodyKnows(net);

  await expect(executor.execute("fetch", {})).rejects.toThrow("the site is down");
  expect(runs).toBe(1);
});

test("a peer that is busy is passed over", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one", "two");
  for (const [id, worker] of workers) {
    worker.registerTool({ name: "narrow", concurrency: 1 }, async () => {
      await Promise.resolve();
      return id;
    });
  }
  await everybodyKnows(net);
  const results = await executor.executeParallel(
    Array.from({ length: 2 }, () => ({ toolName: "narrow", params: {} })),
  );

  expect(results.every(({ ok }) => ok)).toBe(true);
});

test("when nobody is left to try, the last one's reason is given", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one");
  workers
    .get("one")
    ?.registerTool({ name: "full", concurrency: 1, queue: 0 }, () => new Promise(() => {}));
  await everybodyKnows(net);
  const first = executor.execute("full", {});
  first.catch(() => {});
  await settle();

  await expect(executor.execute("full", {})).rejects.toMatchObject({ code: "OVERLOADED" });
});

test("the deadline is for all tries together, and the signal ends all of them", async () => {
  await using net = new TestNetwork();
  const { workers, executor } = await star(net, "one", "two");
  for (const [, worker] of workers) {
    worker.registerTool({ name: "forever" }, () => new Promise(() => {}));
  }
  await everybodyKnows(net);
  const controller = new AbortController();
  const late = executor.execute("forever", {}, {}, { deadlineMs: 1_000 });
  const given = executor.execute("forever", {}, {}, { signal: controller.signal });
  const ends = Promise.allSettled([late, given]);
  await settle();
  controller.abort();
  await net.clock.advance(1_000);

  expect(await ends).toMatchObject([
    { reason: { code: "DEADLINE_EXCEEDED" } },
    { reason: { code: "ABORTED" } },
  ]);
});

test("work in parallel is spread over all peers, keeps its order, and is bounded", async () => {
  await using net = new TestNetwork();
  const { caller, workers, executor } = await star(net, "one", "two", "three");
  let running = 0;
  let most = 0;
  for (const peer of [caller, ...workers.values()]) {
    peer.registerTool<number>({ name: "work" }, async (n) => {
      running += 1;
      most = Math.max(most, running);
      await settle();
      running -= 1;
      return n * 10;
    });
  }
  await settle();
  const requests = Array.from({ length: 40 }, (_, n) => ({ toolName: "work", params: n }));
  const results = await executor.executeParallel(requests, { concurrency: 4 });

  expect(results.map((result) => result.ok && result.value)).toEqual(
    requests.map((_, n) => n * 10),
  );
  expect(most).toBe(4);
  const { executedOn } = executor.getStats();
  expect(Object.keys(executedOn).sort()).toEqual(["caller", "one", "three", "two"]);
  expect(Math.max(...Object.values(executedOn))).toBeLessThan(20);
});

test("one failure among many is its own result, and the others go on", async () => {
  await using net = new TestNetwork();
  const { executor } = await star(net, "one");
  const results = await executor.executeParallel([
    { toolName: "where", params: {} },
    { toolName: "nowhere", params: {} },
    { toolName: "where", params: {}, context: { caller: "me" } },
  ]);

  expect(results).toMatchObject([
    { ok: true, value: "one", executedOn: "one", attempts: 1 },
    { ok: false, error: { code: "TOOL_NOT_FOUND" } },
    { ok: true, value: "one" },
  ]);
  await expect(executor.executeParallel([], { concurrency: 0 })).rejects.toThrow("concurrency");
  expect(await executor.executeParallel([])).toEqual([]);
});
