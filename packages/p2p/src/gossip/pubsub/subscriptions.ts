import { OverloadedError } from "@net/core";
import { MAX_TOPICS } from "../adverts/peer-advert.ts";
import { type SubscribeOptions, Subscription } from "./subscription.ts";
import { assertPattern, patternsFor } from "./topics.ts";

/** What this peer is subscribed to. */
export class Subscriptions {
  readonly #byPattern = new Map<string, Set<Subscription>>();
  readonly #onChange: () => void;

  /** @param onChange called when a pattern comes or goes. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Each once, in order. */
  get patterns(): readonly string[] {
    return [...this.#byPattern.keys()].sort();
  }

  /** @throws ValidationError; OverloadedError beyond 256 patterns; AbortedError. */
  add(pattern: string, options: SubscribeOptions): Subscription {
    assertPattern(pattern);
    const known = this.#byPattern.get(pattern);
    if (!known && this.#byPattern.size >= MAX_TOPICS) {
      throw new OverloadedError(
        `this peer is subscribed to ${MAX_TOPICS} topics, the most it can be`,
      );
    }
    const subscription = new Subscription(pattern, options, (closed) => this.#remove(closed));
    if (known) known.add(subscription);
    else this.#byPattern.set(pattern, new Set([subscription]));
    if (!known) this.#onChange();
    return subscription;
  }

  /** All that are for that topic. */
  matching(topic: string): readonly Subscription[] {
    return patternsFor(topic).flatMap((pattern) => [...(this.#byPattern.get(pattern) ?? [])]);
  }

  closeAll(): void {
    for (const subscriptions of [...this.#byPattern.values()]) {
      for (const subscription of [...subscriptions]) subscription.close();
    }
  }

  #remove(subscription: Subscription): void {
    const { topic } = subscription;
    const subscriptions = this.#byPattern.get(topic);
    if (!subscriptions?.delete(subscription) || subscriptions.size > 0) return;
    this.#byPattern.delete(topic);
    this.#onChange();
  }
}
