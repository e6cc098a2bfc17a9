import { createHistogram } from "node:perf_hooks";
import { OverloadedError, ValidationError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { QoSManager, type QoSManagerOptions } from "../src/qos-manager.ts";
import { frame, Gate } from "./egress/gate.ts";

/** A manager where a `video` may take 1 MB/s, 50 KB of it at once. */
function setUp(options: QoSManagerOptions = {}): { clock: FakeClock; qos: QoSManager } {
  const clock = new FakeClock();
  const policies = { video: { priority: "high", maxBandwidth: 1 } } as const;
  return { clock, qos: new QoSManager({ clock, policies, ...options }) };
}

test("shouldThrottle is true once a type has sent what it may, for that peer, until time has passed", async () => {
  const { clock, qos } = setUp();
  expect(qos.shouldThrottle("a", "video", 50_000)).toBe(false);
  qos.recordSent("a", "video", 50_000);
  expect(qos.shouldThrottle("a", "video", 10_000)).toBe(true);
  expect(qos.shouldThrottle("b", "video", 10_000)).toBe(false);
  expect(qos.shouldThrottle("a", "message", 1e9)).toBe(false);
  await clock.advance(10);
  expect(qos.shouldThrottle("a", "video", 10_000)).toBe(false);
  expect(qos.shouldThrottle("a", "video", 10_001)).toBe(true);
});

test("shouldThrottle only asks: it takes nothing, and remembers nobody", () => {
  const { qos } = setUp();
  for (let i = 0; i < 1_000; i++) expect(qos.shouldThrottle(`peer-${i}`, "video", 1e9)).toBe(false);
  expect(qos.forget("peer-1")).toBe(false);
  qos.recordSent("a", "video", 40_000);
  for (let i = 0; i < 1_000; i++) expect(qos.shouldThrottle("a", "video", 10_000)).toBe(false);
});

test("what leaves by a queue counts", () => {
  const { qos } = setUp();
  const queue = qos.createEgress("a", new Gate(1_000));
  queue.offer(frame(1, 45_000), "video");
  expect(qos.shouldThrottle("a", "video", 10_000)).toBe(true);
  expect(qos.shouldThrottle("a", "video", 5_000)).toBe(false);
});

test("a bandwidth for all throttles every type", async () => {
  const { clock, qos } = setUp({ maxBandwidth: 1 });
  const queue = qos.createEgress("a", new Gate(1_000));
  expect(qos.shouldThrottle("b", "message", 1)).toBe(false);
  for (let i = 0; i < 10; i++) queue.offer(frame(1, 10_000), "message");
  expect(qos.shouldThrottle("b", "message", 1)).toBe(true);
  await clock.advance(1_000);
  expect(qos.shouldThrottle("b", "message", 1)).toBe(false);
  expect(clock.pending).toBe(0);
});

test("violation:bandwidth is told when a type begins to be held back, not while it is", async () => {
  const { clock, qos } = setUp();
  const told: unknown[] = [];
  qos.on("violation:bandwidth", (violation) => told.push(violation));
  qos.recordSent("a", "video", 50_000);
  expect(told).toEqual([]);
  for (let i = 0; i < 30; i++) {
    qos.recordSent("a", "video", 200_000);
    await clock.advance(100);
  }
  expect(told).toEqual([{ peerId: "a", type: "video", bytes: 200_000, limit: 1 }]);
  await clock.advance(10_000);
  qos.recordSent("a", "video", 1_000_000);
  qos.recordSent("a", "video", 1);
  expect(told).toHaveLength(2);
});

test("throughput is what left in the last second", async () => {
  const { clock, qos } = setUp();
  const queue = qos.createEgress("a", new Gate(1_000));
  qos.recordLatency("a", 10);
  expect(qos.getMetrics("a")?.bytesPerSecond).toBeUndefined();
  for (let i = 0; i < 20; i++) {
    queue.offer(frame(1, 1_000), "message");
    qos.recordSent("a", "message", 1_000);
    await clock.advance(100);
  }
  expect(qos.getMetrics("a")?.bytesPerSecond).toBeCloseTo(20_000, -3);
  await clock.advance(5_000);
  expect(qos.getMetrics("a")?.bytesPerSecond).toBe(0);
});

test("queues that wait share the memory; one whose link takes frames needs none", async () => {
  const { qos } = setUp({ maxQueuedBytes: 100_000 });
  const dead = Array.from({ length: 4 }, (_, i) => {
    const queue = qos.createEgress(`dead-${i}`, new Gate(1));
    queue.offer(frame(1), "message");
    return queue;
  });
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    try {
      dead[i % 4]?.offer(frame(1, 1_000), "message");
    } catch (error) {
      expect(error).toBeInstanceOf(OverloadedError);
      refused += 1;
    }
  }
  const waiting = dead.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
  expect(waiting).toBeLessThanOrEqual(100_000);
  expect(waiting).toBeGreaterThan(98_000);
  expect(refused).toBeGreaterThan(300);
  expect(qos.createEgress("alive", new Gate(100)).offer(frame(2, 50_000), "message")).toBe(true);
  expect(dead[0]?.offer(frame(3), "heartbeat")).toBe(false);
  for (const queue of dead) queue.close();
  await settle();
  const gate = new Gate(1);
  const next = qos.createEgress("next", gate);
  next.offer(frame(1), "message");
  expect(next.offer(frame(1, 90_000), "message")).toBe(false);
});

test("thousands of types that nobody has named leave nothing behind, and keep their order", async () => {
  const { qos } = setUp();
  const gate = new Gate(1);
  const queue = qos.createEgress("a", gate);
  for (let i = 0; i < 5_000; i++) queue.offer(frame(i % 256), `type-${i}`);
  gate.open(10_000);
  await settle();
  expect(gate.taken).toEqual(Array.from({ length: 5_000 }, (_, i) => i % 256));
});

test("a forgotten peer's limits end with its last queue", () => {
  const { qos } = setUp();
  const queue = qos.createEgress("a", new Gate(100));
  queue.offer(frame(1, 50_000), "video");
  expect(qos.forget("a")).toBe(true);
  expect(qos.shouldThrottle("a", "video", 1_000)).toBe(true);
  queue.close();
  queue.close();
  expect(qos.shouldThrottle("a", "video", 1_000)).toBe(false);
  expect(qos.forget("a")).toBe(false);
});

test("a forgotten peer that is linked again before its last queue closes is remembered", () => {
  const { qos } = setUp();
  const first = qos.createEgress("a", new Gate(100));
  first.offer(frame(1, 50_000), "video");
  qos.forget("a");
  const second = qos.createEgress("a", new Gate(100));
  first.close();
  second.close();
  expect(qos.shouldThrottle("a", "video", 1_000)).toBe(true);
  expect(qos.forget("a")).toBe(true);
});

test("silence makes a peer suspect", async () => {
  const { clock, qos } = setUp({ heartbeatInterval: 1_000 });
  for (let i = 0; i < 20; i++) {
    qos.recordHeard("a");
    await clock.advance(1_000);
  }
  expect(qos.getSuspicion("a")).toBeLessThan(1);
  await clock.advance(5_000);
  expect(qos.getSuspicion("a")).toBeGreaterThan(8);
  expect(qos.getSuspicion("nobody")).toBe(0);
});

test("a peer that was heard once is not suspect before its next sign is due", async () => {
  const { clock, qos } = setUp();
  qos.recordHeard("a");
  await clock.advance(5_000);
  expect(qos.getSuspicion("a")).toBeLessThan(1);
});

test("datagrams that were lost count before answers that were late, and the metrics say which it is", () => {
  const { qos } = setUp();
  qos.recordLoss("a", true);
  expect(qos.getMetrics("a")).toMatchObject({ lossRatio: 1, lossKind: "probe-timeout" });
  qos.recordLoss("a", false, "datagram");
  qos.recordLoss("a", true);
  expect(qos.getMetrics("a")).toMatchObject({ lossRatio: 0, lossKind: "datagram", probes: 1 });
  qos.updateMetrics("a", { lossRatio: 0.5, lossKind: "probe-timeout" });
  expect(qos.getMetrics("a")).toMatchObject({ lossRatio: 0.5, lossKind: "probe-timeout" });
});

test("round trips are spread over a histogram where one is handed in", () => {
  const { qos } = setUp({ createHistogram });
  for (let ms = 1; ms <= 100; ms++) qos.recordLatency("a", ms);
  expect(qos.getLatencyHistogram("a")?.percentileMs(50)).toBeCloseTo(50, 0);
  const without = setUp().qos;
  without.recordLatency("a", 1);
  expect(without.getLatencyHistogram("a")).toBeUndefined();
});

test("wrong arguments are ValidationErrors and count nothing", () => {
  const { qos } = setUp();
  const wrong: (() => void)[] = [
    () => qos.shouldThrottle("a", "video", Number.NaN),
    () => qos.shouldThrottle("a", "video", -1),
    () => qos.recordSent("a", "video", Number.POSITIVE_INFINITY),
    () => qos.recordSent("", "video", 1),
    () => qos.recordHeard(""),
    () => qos.recordLoss("a", true, "cable" as never),
    () => qos.updateMetrics("a", { lossKind: "cable" as never }),
    () => qos.createEgress("a", new Gate(), { weight: 0 }),
    () => qos.createEgress("a", new Gate(), { weight: 1e-300 }),
    () => qos.createEgress("a", new Gate(), { weight: Number.POSITIVE_INFINITY }),
    () => qos.createEgress("a", null as never),
    () => qos.createEgress("a", { send: () => true } as never),
    () => new QoSManager({ heartbeatInterval: 0 }),
    () => new QoSManager({ maxBandwidth: -1 }),
    () => new QoSManager({ maxBandwidth: 1e302 }),
    () => new QoSManager({ maxQueuedBytes: Number.NaN }),
  ];
  for (const call of wrong) expect(call).toThrow(ValidationError);
  expect(qos.forget("a")).toBe(false);
});
