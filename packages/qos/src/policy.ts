import {
  assertAmount,
  assertPositive,
  type BackoffName,
  isRecord,
  ValidationError,
} from "@net/core";
import { assertBandwidth } from "./bandwidth.ts";
import { PRIORITIES, type Priority } from "./priority.ts";

/** How whoever sends a message tries again: `retryOptions` says it in the words of core's `retry`. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly maxRetries: number;
  readonly backoff: BackoffName;
  /** Before the first retry, in ms. */
  readonly initialDelay: number;
}

/** How messages of one type are treated. */
export interface QoSPolicy {
  readonly priority: Priority;
  /** What messages of this type may take of the way to one peer, in MB/s, 1 MB being 10⁶ bytes. Default: all. */
  readonly maxBandwidth?: number;
  /** Round-trip time, in ms, above which `violation:latency` is told. */
  readonly maxLatency?: number;
  readonly retryPolicy?: RetryPolicy;
}

/**
 * What holds for each type of message unless `setPolicy` says otherwise. Bulk data takes at most two fifths of a
 * gigabit: the rest of the machine, and others on the same network, are not ours to fill.
 */
export const DEFAULT_POLICIES: Readonly<Record<string, QoSPolicy>> = {
  heartbeat: { priority: "critical", maxLatency: 1_000 },
  handshake: { priority: "critical", maxLatency: 5_000 },
  "tool-call": { priority: "high" },
  "tool-result": { priority: "high" },
  message: { priority: "normal" },
  bulk: { priority: "low", maxBandwidth: 50 },
  file: { priority: "low", maxBandwidth: 50 },
};

/** What holds for a type that nobody has named. */
const UNNAMED: QoSPolicy = { priority: "normal" };

/** The policies in force, by type of message. */
export class PolicyTable implements Iterable<[type: string, policy: QoSPolicy]> {
  readonly #policies = new Map(Object.entries(DEFAULT_POLICIES));
  #version = 0;

  /** Changes with every change. */
  get version(): number {
    return this.#version;
  }

  /** What holds for a type that nobody has named. */
  get unnamed(): QoSPolicy {
    return UNNAMED;
  }

  get(type: string): QoSPolicy {
    return this.#policies.get(type) ?? UNNAMED;
  }

  /** The policy of a type that somebody has named. */
  named(type: string): QoSPolicy | undefined {
    return this.#policies.get(type);
  }

  /** @throws ValidationError; then the old policy stays. */
  set(type: string, policy: QoSPolicy): void {
    if (typeof type !== "string") {
      throw new ValidationError(`the type of a message must be a string, not ${typeof type}`);
    }
    this.#policies.set(type, readPolicy(type, policy));
    this.#version += 1;
  }

  [Symbol.iterator](): MapIterator<[string, QoSPolicy]> {
    return this.#policies.entries();
  }
}

function readPolicy(type: string, policy: QoSPolicy): QoSPolicy {
  if (!isRecord(policy)) throw new ValidationError(`the policy of ${type} must be an object`);
  const { priority, maxBandwidth, maxLatency, retryPolicy } = policy;
  if (!PRIORITIES.includes(priority)) {
    throw new ValidationError(`the priority of ${type} must be one of ${PRIORITIES.join(", ")}`);
  }
  if (maxBandwidth !== undefined) assertBandwidth(maxBandwidth, `maxBandwidth of ${type}`);
  if (maxLatency !== undefined) assertPositive(maxLatency, `maxLatency of ${type}`);
  return {
    ...policy,
    ...(retryPolicy !== undefined && { retryPolicy: readRetryPolicy(type, retryPolicy) }),
  };
}

const backoffNames: readonly BackoffName[] = ["exponential", "linear", "fixed"];

/** Checks and copies. @throws ValidationError */
export function readRetryPolicy(type: string, policy: RetryPolicy): RetryPolicy {
  if (!isRecord(policy)) throw new ValidationError(`the retryPolicy of ${type} must be an object`);
  if (!Number.isInteger(policy.maxRetries) || policy.maxRetries < 0) {
    throw new ValidationError(`maxRetries of ${type} must be a whole number of 0 or more`);
  }
  if (!backoffNames.includes(policy.backoff)) {
    throw new ValidationError(`the backoff of ${type} must be one of ${backoffNames.join(", ")}`);
  }
  assertAmount(policy.initialDelay, `initialDelay of ${type}`);
  return { ...policy };
}
