import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const HEARTBEAT = 1_000;

test("a frozen peer is given up after three beats without a sound", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a", { heartbeatInterval: HEARTBEAT });
  await net.peer("b", { heartbeatInterval: HEARTBEAT });
  await a.connect("memory:b");
  await net.clock.advance(10 * HEARTBEAT);
  expect(a.getConnectedPeers()).toHaveLength(1);

  const frozenAtMs = net.clock.monotonicMs();
  net.faults.freeze("b");
  const [peerId, reason] = await net.until(a.once("peer:disconnected"));
  const tookMs = net.clock.monotonicMs() - frozenAtMs;

  expect(peerId).toBe("b");
  expect(reason).toMatchObject({ code: "timeout", remote: false });
  expect(tookMs).toBeGreaterThan(2 * HEARTBEAT);
  expect(tookMs).toBeLessThanOrEqual(4 * HEARTBEAT);
  expect(a.getQoSMetrics("b")).toBeUndefined();
  net.faults.thaw("b");
});

test("the first heartbeat is at once, and round trips become the link's quality and cost", async () => {
  await using net = new TestNetwork();
  const [a] = [await net.peer("a"), await net.peer("b")];
  net.faults.delay(20);
  await net.until(a.connect("memory:b"));
  await net.clock.advance(40);

  expect(a.getConnectedPeers()).toMatchObject([{ rttMs: 40 }]);
  expect(a.getQoSMetrics("b")).toMatchObject({ rttMs: 40, samples: 1, lossRatio: 0 });
  expect(a.getQoSMetrics("b")?.healthScore).toBeGreaterThan(50);
  expect(a.getQoSMetrics("nobody")).toBeUndefined();
  await net.clock.advance(1_000);
  expect(a.getTopologyGraph().edges).toMatchObject([{ rttMs: 40, costUs: 21_000 }]);
  expect(a.getNetworkStats()).toMatchObject({ totalNodes: 2, averageLatency: 40 });
});

test("probes that are not answered before the next count as lost", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a", { heartbeatInterval: HEARTBEAT });
  await net.peer("b", { heartbeatInterval: HEARTBEAT });
  await a.connect("memory:b");
  net.faults.delay(1.5 * HEARTBEAT);
  await net.clock.advance(10 * HEARTBEAT);

  expect(a.getConnectedPeers()).toHaveLength(1);
  expect(a.getQoSMetrics("b")?.lossRatio).toBeGreaterThan(0.5);
});
