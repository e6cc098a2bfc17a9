import { ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { healthScore } from "../src/health-score.ts";
import type { LatencyViolationEvent } from "../src/qos-events.ts";
import { QoSManager } from "../src/qos-manager.ts";

const WINDOW = 5_000;

interface Scene {
  readonly clock: FakeClock;
  readonly qos: QoSManager;
  readonly health: string[];
  readonly violations: LatencyViolationEvent[];
}

/** A manager on a fake clock, and what it tells. */
function setUp(): Scene {
  const clock = new FakeClock();
  const qos = new QoSManager({ clock });
  const health: string[] = [];
  const violations: LatencyViolationEvent[] = [];
  qos.on("health:degraded", ({ peerId }) => health.push(`${peerId} degraded`));
  qos.on("health:recovered", ({ peerId }) => health.push(`${peerId} recovered`));
  qos.on("violation:latency", (violation) => violations.push(violation));
  return { clock, qos, health, violations };
}

test("nothing is known of a peer before the first record, nor after it was forgotten", () => {
  const { qos } = setUp();
  expect(qos.getMetrics("b")).toBeUndefined();
  expect(qos.getHealthScore("b")).toBe(100);
  qos.recordLatency("b", 500);
  expect(qos.getHealthScore("b")).toBeLessThan(60);
  expect(qos.forget("b")).toBe(true);
  expect(qos.forget("b")).toBe(false);
  expect(qos.getMetrics("b")).toBeUndefined();
});

test("latencies and losses become metrics", () => {
  const { qos } = setUp();
  qos.recordLatency("b", 100);
  qos.recordLatency("b", 180);
  qos.recordLoss("b", true);
  qos.recordLoss("b", false);
  expect(qos.getMetrics("b")).toEqual({
    rttMs: 110,
    rttVarMs: 57.5,
    rtoMs: 1_000,
    jitterMs: 5,
    lossRatio: 0.5,
    lossKind: "probe-timeout",
    samples: 2,
    probes: 2,
    bytesPerSecond: undefined,
    load: undefined,
  });
});

test("a peer that never answered has loss but no round trip", () => {
  const { qos } = setUp();
  qos.recordLoss("b", true);
  expect(qos.getMetrics("b")).toMatchObject({ rttMs: undefined, lossRatio: 1, samples: 0 });
  expect(qos.getHealthScore("b")).toBe(0);
});

test("values from elsewhere replace, and what they leave out stays", () => {
  const { qos } = setUp();
  qos.recordLatency("b", 100);
  qos.updateMetrics("b", { lossRatio: 0.02, jitterMs: 50, load: 0.5, bytesPerSecond: 1e6 });
  qos.updateMetrics("b", { rttMs: 200 });
  const expected = { rttMs: 200, jitterMs: 50, lossRatio: 0.02 };
  expect(qos.getMetrics("b")).toMatchObject({ ...expected, load: 0.5, bytesPerSecond: 1e6 });
  expect(qos.getHealthScore("b")).toBe(healthScore(expected));
});

test("peers do not mix", () => {
  const { qos } = setUp();
  qos.recordLatency("b", 10);
  qos.recordLatency("c", 900);
  expect(qos.getMetrics("b")?.rttMs).toBe(10);
  expect(qos.getHealthScore("b")).toBeGreaterThan(qos.getHealthScore("c"));
});

test("passing a policy's limit is told once, until the latency was below it again", async () => {
  const { clock, qos, violations } = setUp();
  qos.setPolicy("video-stream", { priority: "high", maxLatency: 100 });
  for (const rttMs of [50, 100, 150, 400, 90]) qos.recordLatency("b", rttMs);
  expect(violations).toEqual([{ peerId: "b", latency: 150, type: "video-stream", limit: 100 }]);
  await clock.advance(1_000);
  qos.recordLatency("b", 101);
  await clock.advance(60_000);
  qos.recordLatency("b", 102);
  expect(violations.map(({ latency }) => latency)).toEqual([150, 101]);
});

test("each policy that is violated is told by its own name", () => {
  const { qos, violations } = setUp();
  qos.recordLatency("b", 6_000);
  expect(violations.map(({ type, limit }) => [type, limit])).toEqual([
    ["heartbeat", 1_000],
    ["handshake", 5_000],
  ]);
});

test("a latency that swings around the limit is told of at most once a second", async () => {
  const { clock, qos, violations } = setUp();
  qos.setPolicy("video-stream", { priority: "high", maxLatency: 100 });
  for (let i = 0; i < 50; i++) {
    qos.recordLatency("b", i % 2 === 0 ? 150 : 50);
    await clock.advance(50);
  }
  expect(violations).toHaveLength(3);
});

test("a latency reported from elsewhere is held against the limits too", () => {
  const { qos, violations } = setUp();
  qos.updateMetrics("b", { rttMs: 1_500 });
  expect(violations.map(({ latency }) => latency)).toEqual([1_500]);
});

test("a connection is degraded after three bad windows, not before", async () => {
  const { clock, qos, health } = setUp();
  for (let window = 0; window < 3; window++) {
    qos.recordLatency("b", 900);
    expect(health).toEqual([]);
    await clock.advance(WINDOW);
  }
  qos.recordLatency("b", 900);
  expect(health).toEqual(["b degraded"]);
  expect(clock.pending).toBe(0);
});

test("one good window between bad ones begins the count anew", async () => {
  const { clock, qos, health } = setUp();
  for (const rttMs of [900, 900, 10, 900, 900]) {
    qos.updateMetrics("b", { rttMs });
    await clock.advance(WINDOW);
  }
  qos.updateMetrics("b", { rttMs: 900 });
  expect(health).toEqual([]);
});

test("a degraded connection recovers above 70, and neither is told twice", async () => {
  const { clock, qos, health } = setUp();
  const scores = [];
  for (const rttMs of [900, 900, 900, 900, 900, 155, 155, 10, 10]) {
    qos.updateMetrics("b", { rttMs });
    scores.push(Math.round(qos.getHealthScore("b")));
    await clock.advance(WINDOW);
  }
  qos.recordLatency("b", 10);
  expect(scores[5]).toBeGreaterThan(60);
  expect(health).toEqual(["b degraded", "b recovered"]);
});

test("between 60 and 70 a degraded connection stays degraded", async () => {
  const { clock, qos, health } = setUp();
  for (const rttMs of [900, 900, 900, 340, 340, 340]) {
    qos.updateMetrics("b", { rttMs });
    await clock.advance(WINDOW);
  }
  qos.updateMetrics("b", { rttMs: 340 });
  expect(qos.getHealthScore("b")).toBeGreaterThan(60);
  expect(qos.getHealthScore("b")).toBeLessThan(70);
  expect(health).toEqual(["b degraded"]);
});

test("many bad records within one window are one bad window", () => {
  const { qos, health } = setUp();
  for (let i = 0; i < 100; i++) qos.recordLoss("b", true);
  expect(health).toEqual([]);
});

test("policies can be handed in", () => {
  const qos = new QoSManager({ policies: { telemetry: { priority: "low" } } });
  expect(qos.getPolicy("telemetry").priority).toBe("low");
  expect(qos.getPolicy("heartbeat").priority).toBe("critical");
});

test("wrong arguments are ValidationErrors and record nothing", () => {
  const { qos } = setUp();
  const wrong: (() => void)[] = [
    () => qos.recordLatency("b", -1),
    () => qos.recordLatency("b", Number.NaN),
    () => qos.recordLatency("b", Number.POSITIVE_INFINITY),
    () => qos.recordLatency("", 1),
    () => qos.updateMetrics("b", { lossRatio: 1.1 }),
    () => qos.updateMetrics("b", { rttMs: 5, load: -1 }),
    () => qos.updateMetrics("b", null as never),
    () => qos.recordLoss("b", "yes" as never),
    () => new QoSManager({ healthWindow: 0 }),
  ];
  for (const call of wrong) expect(call).toThrow(ValidationError);
  expect(qos.getMetrics("b")).toBeUndefined();
});

test("who does not listen any more is not told", async () => {
  const { qos, violations } = setUp();
  const seen: number[] = [];
  const listener = ({ latency }: LatencyViolationEvent): void => void seen.push(latency);
  const next = qos.once("violation:latency");
  qos.on("violation:latency", listener);
  qos.recordLatency("b", 1_100);
  qos.off("violation:latency", listener);
  qos.recordLatency("c", 1_200);
  expect((await next)[0].latency).toBe(1_100);
  expect(seen).toEqual([1_100]);
  expect(violations).toHaveLength(2);
});
