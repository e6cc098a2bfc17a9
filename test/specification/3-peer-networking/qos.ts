import { QoSManager } from "@net/qos";
import { expect } from "vitest";
import { shownBy } from "../proofs.ts";
import { done, type Row } from "../row.ts";

/** `QoSManager`, its policies and its priorities. */
export const qosRows: readonly Row[] = [
  done("new QoSManager()", "quality of service", "@net/qos QoSManager", () => {
    expect(new QoSManager().getHealthScore("nobody")).toBe(100);
  }),
  done(
    "QoSManager.setPolicy(messageType, policy)",
    "how a type of message is treated",
    "@net/qos QoSManager#setPolicy",
    () => {
      const qos = new QoSManager();
      const policy = {
        priority: "high",
        maxBandwidth: 10,
        maxLatency: 100,
        retryPolicy: { maxRetries: 5, backoff: "exponential", initialDelay: 500 },
      } as const;
      qos.setPolicy("video-stream", policy);
      expect(qos.getPolicy("video-stream")).toEqual(policy);
    },
  ),
  done(
    "QoSManager.updateMetrics(peerId, metrics)",
    "takes what was measured elsewhere",
    "@net/qos QoSManager#updateMetrics",
    () => {
      const qos = new QoSManager();
      qos.updateMetrics("peer", { rttMs: 10, lossRatio: 0.5 });
      expect(qos.getMetrics("peer")).toMatchObject({ rttMs: 10, lossRatio: 0.5 });
    },
  ),
  done(
    "QoSManager.recordLatency(peerId, rtt)",
    "takes a round trip",
    "@net/qos QoSManager#recordLatency",
    () => {
      const qos = new QoSManager();
      qos.recordLatency("peer", 12);
      expect(qos.getMetrics("peer")?.rttMs).toBe(12);
    },
  ),
  done(
    "QoSManager.getHealthScore(peerId)",
    "0 to 100",
    "@net/qos QoSManager#getHealthScore",
    () => {
      const qos = new QoSManager();
      qos.updateMetrics("good", { rttMs: 1 });
      qos.updateMetrics("bad", { rttMs: 900, lossRatio: 0.4 });
      expect(qos.getHealthScore("good")).toBeGreaterThan(qos.getHealthScore("bad"));
    },
  ),
  done(
    "QoSManager.shouldThrottle(peerId, messageType, size)",
    "whether to wait",
    "@net/qos QoSManager#shouldThrottle",
    shownBy(
      "packages/qos/test/traffic.test.ts",
      "shouldThrottle is true once a type has sent what it may, for that peer, until time has passed",
    ),
  ),
  done(
    "violation:latency",
    "a round trip took longer than its policy allows",
    "@net/qos QoSEvents",
    () => {
      const qos = new QoSManager();
      const told: unknown[] = [];
      qos.on("violation:latency", ({ peerId, latency }) => told.push([peerId, latency]));
      qos.setPolicy("video-stream", { priority: "high", maxLatency: 100 });
      qos.recordLatency("peer", 250);
      expect(told).toEqual([["peer", 250]]);
    },
  ),
  done(
    "policy.priority",
    "critical, high, normal, low",
    "@net/qos Priority",
    shownBy(
      "packages/qos/test/egress/egress-queue.test.ts",
      "while the link takes none, frames wait, and leave the most urgent first",
    ),
  ),
  done("policy.maxLatency", "ms", "@net/qos QoSPolicy", () => {
    expect(new QoSManager().getPolicy("heartbeat")).toMatchObject({
      priority: "critical",
      maxLatency: 1_000,
    });
  }),
  done(
    "policy.maxBandwidth",
    "MB/s, enforced",
    "@net/qos QoSPolicy",
    shownBy(
      "packages/qos/test/egress/shaping.test.ts",
      "a type sends no more than its maxBandwidth, and all of that, without losing a frame",
    ),
  ),
  done(
    "policy.retryPolicy { maxRetries, backoff, initialDelay }",
    "obeyed by whoever sends",
    "@net/p2p PeerNetwork",
    shownBy(
      "packages/p2p/test/messages.test.ts",
      "a message that cannot leave is tried again as the policy of its type says, and others are not",
    ),
  ),
  done(
    "critical priority",
    "heartbeats and handshakes, within 1 and 5 s",
    "@net/qos DEFAULT_POLICIES",
    () => {
      const qos = new QoSManager();
      expect(qos.getPolicy("heartbeat")).toEqual({ priority: "critical", maxLatency: 1_000 });
      expect(qos.getPolicy("handshake")).toEqual({ priority: "critical", maxLatency: 5_000 });
    },
  ),
  done("high priority", "tool calls and results", "@net/qos DEFAULT_POLICIES", () => {
    const qos = new QoSManager();
    expect(qos.getPolicy("tool-call").priority).toBe("high");
    expect(qos.getPolicy("tool-result").priority).toBe("high");
  }),
  done("normal priority", "standard messages", "@net/qos DEFAULT_POLICIES", () => {
    expect(new QoSManager().getPolicy("message").priority).toBe("normal");
  }),
  done("low priority", "file transfers", "@net/qos DEFAULT_POLICIES", () => {
    expect(new QoSManager().getPolicy("file").priority).toBe("low");
  }),
  done(
    "bandwidth allocation and throttling",
    "low priority is limited",
    "@net/qos EgressQueue",
    shownBy(
      "packages/qos/test/policy.test.ts",
      "by default bulk data and files may take 50 MB/s, all else what there is",
    ),
  ),
  done("jitter calculation", "by RFC 3550", "@net/qos JitterEstimator", () => {
    const qos = new QoSManager();
    qos.recordLatency("peer", 10);
    qos.recordLatency("peer", 26);
    expect(qos.getMetrics("peer")?.jitterMs).toBe(1);
  }),
  done("packet loss tracking", "the share of lost probes", "@net/qos LossWindow", () => {
    const qos = new QoSManager();
    for (const lost of [true, false, false, false]) qos.recordLoss("peer", lost);
    expect(qos.getMetrics("peer")?.lossRatio).toBe(0.25);
  }),
];
