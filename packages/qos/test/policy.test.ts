import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { DEFAULT_POLICIES, PolicyTable, type QoSPolicy } from "../src/policy.ts";

test.each([
  ["heartbeat", "critical", 1_000],
  ["handshake", "critical", 5_000],
  ["tool-call", "high", undefined],
  ["tool-result", "high", undefined],
  ["message", "normal", undefined],
  ["bulk", "low", undefined],
  ["file", "low", undefined],
  ["what nobody has named", "normal", undefined],
  ["__proto__", "normal", undefined],
])("by default %s is of %s priority", (type, priority, maxLatency) => {
  const policy = new PolicyTable().get(type);
  expect(policy.priority).toBe(priority);
  expect(policy.maxLatency).toBe(maxLatency);
});

test("by default bulk data and files may take 50 MB/s, all else what there is", () => {
  const limited = Object.entries(DEFAULT_POLICIES).filter(([, { maxBandwidth }]) => maxBandwidth);
  expect(limited.map(([type]) => type)).toEqual(["bulk", "file"]);
  expect(new PolicyTable().get("file").maxBandwidth).toBe(50);
});

test("a policy that is set replaces the default one, whole", () => {
  const table = new PolicyTable();
  const policy: QoSPolicy = {
    priority: "high",
    maxBandwidth: 10,
    maxLatency: 100,
    retryPolicy: { maxRetries: 5, backoff: "exponential", initialDelay: 500 },
  };
  table.set("video-stream", policy);
  expect(table.get("video-stream")).toEqual(policy);
  table.set("heartbeat", { priority: "low" });
  expect(table.get("heartbeat")).toEqual({ priority: "low" });
  expect(new PolicyTable().get("heartbeat").priority).toBe("critical");
});

const retry = { maxRetries: 1, backoff: "fixed", initialDelay: 1 } as const;
const wrong: Record<string, unknown> = {
  "an unknown priority": { priority: "urgent" },
  "a bandwidth of 0": { priority: "low", maxBandwidth: 0 },
  "a latency that is no number": { priority: "low", maxLatency: Number.NaN },
  "half a retry": { priority: "low", retryPolicy: { ...retry, maxRetries: 0.5 } },
  "an unknown backoff": { priority: "low", retryPolicy: { ...retry, backoff: "random" } },
  "a bandwidth that bytes cannot count": { priority: "low", maxBandwidth: 1e302 },
  "no policy": null,
  "a retry that is none": { priority: "low", retryPolicy: 5 },
  "a negative delay": { priority: "low", retryPolicy: { ...retry, initialDelay: -1 } },
};

test.each(Object.keys(wrong))("%s is a ValidationError, and the old policy stays", (name) => {
  const table = new PolicyTable();
  expect(() => table.set("heartbeat", wrong[name] as QoSPolicy)).toThrow(ValidationError);
  expect(table.get("heartbeat").priority).toBe("critical");
});

test("a type that is no string is a ValidationError; one named like what objects have is a type like others", () => {
  const table = new PolicyTable();
  expect(() => table.set(undefined as never, { priority: "low" })).toThrow(ValidationError);
  expect(table.get("__proto__").priority).toBe("normal");
  table.set("__proto__", { priority: "low" });
  expect(table.get("__proto__")).toEqual({ priority: "low" });
});
