import { assertAmount, assertPositive, type BackoffName, ValidationError } from "@net/core";
import { PRIORITIES, type Priority } from "./priority.ts";

/** How whoever sends a message tries again. This package only keeps it. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly backoff: BackoffName;
  /** Before the first retry, in ms. */
  readonly initialDelay: number;
}

/** How messages of one type are treated. */
export interface QoSPolicy {
  readonly priority: Priority;
  /** In MB/s, 1 MB being 10⁶ bytes. Kept for readers; not enforced yet. */
  readonly maxBandwidth?: number;
  /** Round-trip time, in ms, above which `violation:latency` is told. */
  readonly maxLatency?: number;
  readonly retryPolicy?: RetryPolicy;
}

/** What holds for each type of message unless `setPolicy` says otherwise. */
export const DEFAULT_POLICIES: Readonly<Record<string, QoSPolicy>> = {
  heartbeat: { priority: "critical", maxLatency: 1_000 },
  handshake: { priority: "critical", maxLatency: 5_000 },
  "tool-call": { priority: "high" },
  "tool-result": { priority: "high" },
  message: { priority: "normal" },
  bulk: { priority: "low" },
  file: { priority: "low" },
};

/** What holds for a type that nobody has named. */
const UNNAMED: QoSPolicy = { priority: "normal" };

/** The policies in force, by type of message. */
export class PolicyTable implements Iterable<[type: string, policy: QoSPolicy]> {
  readonly #policies = new Map(Object.entries(DEFAULT_POLICIES));

  get(type: string): QoSPolicy {
    return this.#policies.get(type) ?? UNNAMED;
  }

  /** @throws ValidationError; then the old policy stays. */
  set(type: string, policy: QoSPolicy): void {
    this.#policies.set(type, readPolicy(type, policy));
  }

  [Symbol.iterator](): MapIterator<[string, QoSPolicy]> {
    return this.#policies.entries();
  }
}

function readPolicy(type: string, policy: QoSPolicy): QoSPolicy {
  const { priority, maxBandwidth, maxLatency, retryPolicy } = policy;
  if (!PRIORITIES.includes(priority)) {
    throw new ValidationError(`the priority of ${type} must be one of ${PRIORITIES.join(", ")}`);
  }
  if (maxBandwidth !== undefined) assertPositive(maxBandwidth, `maxBandwidth of ${type}`);
  if (maxLatency !== undefined) assertPositive(maxLatency, `maxLatency of ${type}`);
  return { ...policy, ...(retryPolicy && { retryPolicy: readRetryPolicy(type, retryPolicy) }) };
}

const backoffNames: readonly BackoffName[] = ["exponential", "linear", "fixed"];

function readRetryPolicy(type: string, policy: RetryPolicy): RetryPolicy {
  if (!Number.isInteger(policy.maxRetries) || policy.maxRetries < 0) {
    throw new ValidationError(`maxRetries of ${type} must be a whole number of 0 or more`);
  }
  if (!backoffNames.includes(policy.backoff)) {
    throw new ValidationError(`the backoff of ${type} must be one of ${backoffNames.join(", ")}`);
  }
  assertAmount(policy.initialDelay, `initialDelay of ${type}`);
  return { ...policy };
}
