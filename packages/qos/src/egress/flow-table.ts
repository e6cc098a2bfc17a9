import { ValidationError } from "@net/core";
import type { PolicyTable, QoSPolicy } from "../policy.ts";
import type { TokenBucket } from "../shaping/token-bucket.ts";
import { Flow } from "./flow.ts";
import type { Scheduler } from "./scheduler.ts";

/** Where the bucket of a type is kept, if its policy has a limit. */
export type BucketSource = (type: string, policy: QoSPolicy) => TokenBucket | undefined;

/**
 * The flows of one queue, by type of message, treated as the policies of the moment say. Types that nobody has named
 * share one flow, so that there are never more flows than policies.
 */
export class FlowTable {
  readonly #policies: PolicyTable;
  readonly #bucketOf: BucketSource;
  readonly #scheduler: Scheduler;
  readonly #flows = new Map<string, Flow>();
  readonly #unnamed = new Flow();
  #version: number;

  constructor(policies: PolicyTable, bucketOf: BucketSource, scheduler: Scheduler) {
    this.#policies = policies;
    this.#bucketOf = bucketOf;
    this.#scheduler = scheduler;
    this.#version = policies.version;
    this.#unnamed.treat(policies.unnamed.priority, undefined);
  }

  get(type: string): Flow {
    if (this.#version !== this.#policies.version) this.#refresh();
    return this.#flows.get(type) ?? this.#open(type);
  }

  #open(type: string): Flow {
    if (typeof type !== "string") {
      throw new ValidationError(`the type of a message must be a string, not ${typeof type}`);
    }
    const policy = this.#policies.named(type);
    if (!policy) return this.#unnamed;
    const flow = new Flow();
    flow.treat(policy.priority, this.#bucketOf(type, policy));
    this.#flows.set(type, flow);
    return flow;
  }

  #refresh(): void {
    this.#version = this.#policies.version;
    for (const [type, flow] of this.#flows) {
      const policy = this.#policies.get(type);
      const bucket = this.#bucketOf(type, policy);
      this.#scheduler.reclassify(flow, () => flow.treat(policy.priority, bucket));
    }
  }
}
