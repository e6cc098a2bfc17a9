import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MessageChannel, Worker } from "node:worker_threads";
import { systemClock } from "@net/core";
import { scan } from "@net/sockets";
import { expect, onTestFinished, test, vi } from "vitest";
import { autoWorkers } from "../../src/scan/options.ts";
import type { PortResult } from "../../src/scan/result.ts";
import { shares } from "../../src/scan/shares.ts";
import {
  BATCHES_AHEAD,
  type FromWorker,
  MAX_BATCH,
  type ScanTask,
  type ToWorker,
} from "../../src/scan/worker-messages.ts";
import { WorkerScan } from "../../src/scan/worker-scan.ts";
import { work } from "../../src/scan/worker-task.ts";
import type { ScanWorker, WorkerOwner } from "../../src/scan/worker-thread.ts";

const settings = {
  concurrency: 10,
  rate: 100,
  timeout: "adaptive",
  retries: 1,
  banner: false,
  bannerTimeout: 1,
} as const;
const task: ScanTask = { targets: [], ports: [], settings };

function result(port: number): PortResult {
  const unknown = { rttMs: undefined, service: undefined, banner: undefined };
  return {
    ...{ host: "h", address: "h", port, state: "closed", reason: "refused" },
    ...unknown,
  };
}

/** Threads that only remember what they are told. */
function threads() {
  const told: ToWorker[][] = [];
  const ended: number[] = [];
  const started: { owner: WorkerOwner; worker: ScanWorker }[] = [];
  const start = (_task: ScanTask, owner: WorkerOwner): ScanWorker => {
    const nth = started.length;
    const words: ToWorker[] = [];
    told.push(words);
    const worker = { tell: (word: ToWorker) => void words.push(word), end: () => ended.push(nth) };
    started.push({ owner, worker });
    return worker;
  };
  const say = (nth: number, message: FromWorker): void => {
    const thread = started[nth];
    thread?.owner.onMessage(thread.worker, message);
  };
  return { start, started, told, ended, say };
}

test("a worker runs at most four batches ahead of its reader, and goes on as they are read", async () => {
  const { port1, port2 } = new MessageChannel();
  const batches: number[] = [];
  port2.on("message", (message: FromWorker) => {
    if (message.type === "results") batches.push(message.results.length);
  });
  onTestFinished(() => port2.close());
  let taken = 0;
  const endless = {
    start: () => {},
    take: async () => result(taken++),
    waiting: Number.POSITIVE_INFINITY,
  };
  void work(port1, endless);
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  };
  await settled();
  expect(taken).toBe(0);
  port2.postMessage("start");
  await settled();
  expect(batches).toEqual(Array.from({ length: BATCHES_AHEAD }, () => MAX_BATCH));
  expect(taken).toBe(BATCHES_AHEAD * MAX_BATCH);
  port2.postMessage("read");
  await settled();
  expect(taken).toBe((BATCHES_AHEAD + 1) * MAX_BATCH);
});

test("threads start together once all are there, and each batch is told as read when it was taken", async () => {
  const { start, told, say } = threads();
  const run = new WorkerScan([task, task], start);
  say(0, { type: "ready" });
  expect(told).toEqual([[], []]);
  say(1, { type: "ready" });
  await run.ready;
  run.start();
  expect(told).toEqual([["start"], ["start"]]);
  say(1, { type: "results", results: [result(1), result(2)] });
  expect((await run.take())?.port).toBe(1);
  expect((await run.take())?.port).toBe(2);
  expect(told[1]).toEqual(["start"]);
  say(0, { type: "done" });
  say(1, { type: "done" });
  expect(await run.take()).toBeUndefined();
  expect(told).toEqual([["start"], ["start", "read"]]);
});

test("what a thread says after the scan was stopped is not heard", async () => {
  const { start, started, ended, say } = threads();
  const run = new WorkerScan([task, task], start);
  run.stop();
  expect(ended).toEqual([0, 1]);
  say(0, { type: "results", results: [result(1)] });
  say(0, { type: "failed", error: new Error("late") as never });
  say(1, { type: "done" });
  for (const { owner, worker } of started) {
    owner.onError(worker, new Error("late"));
    owner.onExit(worker);
  }
  expect(await run.take()).toBeUndefined();
  expect(ended).toEqual([0, 1]);
});

test("a thread that ends before its work is done ends the scan with an error, and the other threads", async () => {
  const { start, started, ended } = threads();
  const run = new WorkerScan([task, task], start);
  const [first] = started;
  first?.owner.onExit(first.worker);
  await expect(run.ready).rejects.toMatchObject({ code: "INTERNAL" });
  await expect(run.take()).rejects.toMatchObject({ code: "INTERNAL" });
  expect(ended).toEqual([0, 1]);
});

test("where a second thread cannot start, the first does not stay", () => {
  const { start, ended } = threads();
  let left = 1;
  const oneOnly = (...args: Parameters<typeof start>): ScanWorker => {
    if (left-- === 0) throw new Error("no more threads");
    return start(...args);
  };
  expect(() => new WorkerScan([task, task], oneOnly)).toThrow("no more threads");
  expect(ended).toEqual([0]);
});

test("work is shared by ports, or by targets where those are more", () => {
  const targets = ["a", "b", "c"].map((host) => ({ host, address: host }));
  const byPort = shares(targets, [1, 2, 3, 4, 5], settings, 2);
  expect(byPort.map(({ ports }) => ports)).toEqual([
    [1, 3, 5],
    [2, 4],
  ]);
  expect(byPort.map((each) => each.targets)).toEqual([targets, targets]);
  expect(byPort[0]?.settings).toMatchObject({ concurrency: 5, rate: 50 });

  const byTarget = shares(targets, [22], settings, 2);
  expect(byTarget.map((each) => each.targets.map(({ host }) => host))).toEqual([["a", "c"], ["b"]]);
  expect(byTarget.map(({ ports }) => ports)).toEqual([[22], [22]]);
  expect(shares(targets, [22], settings, 9)).toHaveLength(3);
});

test.each([
  { what: "little to ask", options: {}, attempts: 9_999, processors: 8, threads: 0 },
  { what: "much to ask", options: {}, attempts: 10_000, processors: 2, threads: 2 },
  { what: "many processors", options: {}, attempts: 65_535, processors: 64, threads: 4 },
  { what: "one processor", options: {}, attempts: 65_535, processors: 1, threads: 0 },
  { what: "a rate", options: { rate: 1 }, attempts: 65_535, processors: 2, threads: 0 },
  { what: "a clock", options: { clock: systemClock }, attempts: 65_535, processors: 2, threads: 0 },
])("auto with $what: $threads threads", ({ options, attempts, processors, threads }) => {
  expect(autoWorkers(options, attempts, processors)).toBe(threads);
});

test("leaving the loop of a large scan ends the threads it took by itself", async () => {
  const ended = vi.spyOn(Worker.prototype, "terminate");
  onTestFinished(() => ended.mockRestore());
  for await (const _ of scan(["127.0.0.1"], ["-"])) break;
  expect(ended).toHaveBeenCalledTimes(autoWorkers({}, 65_535, availableParallelism()));
  await Promise.all(ended.mock.results.map(({ value }) => value));
});

test("where threads are forbidden, auto does without, and a number of them is an error", async () => {
  const script = fileURLToPath(new URL("../support/scan-without-threads.ts", import.meta.url));
  const flags = ["--permission", "--allow-fs-read=*", "--conditions=@net/source", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  expect(JSON.parse(stdout)).toEqual({ found: 100, refused: "ERR_ACCESS_DENIED" });
});
