import { type Logger, NetworkError } from "@net/core";
import type { Broadcast } from "../broadcast/message.ts";
import type { OutgoingBroadcast } from "../broadcast/spanning-tree.ts";
import type { Codec } from "../neighbour.ts";
import { decodePayload, encodePayload } from "../payload.ts";
import { Interest } from "./interest.ts";
import {
  handEach,
  type SubscribeOptions,
  type Subscription,
  type TopicHandler,
} from "./subscription.ts";
import { Subscriptions } from "./subscriptions.ts";
import { assertTopic } from "./topics.ts";

export interface PublishOptions {
  /** How long it may take on its way. Default 30 s, at most 60 s. */
  readonly lifetime?: number | undefined;
}

export interface PubSubOptions {
  readonly self: string;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly send: (broadcast: OutgoingBroadcast) => void;
  readonly isReachable: (peerId: string) => boolean;
  readonly isNeighbour: (peerId: string) => boolean;
  /** What this peer is subscribed to has changed. */
  readonly onChange: () => void;
}

/** Messages by topic, each sent once, to all who are subscribed at that time, as far as they can be reached. */
export class PubSub {
  /** Who else is subscribed to what. */
  readonly interest: Interest = new Interest();
  readonly #options: PubSubOptions;
  readonly #subscriptions: Subscriptions;

  constructor(options: PubSubOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.onChange);
  }

  /** What this peer is subscribed to. */
  get topics(): readonly string[] {
    return this.#subscriptions.patterns;
  }

  /** @throws ValidationError; OverloadedError beyond 256 different topics; AbortedError. */
  subscribe(topic: string, options: SubscribeOptions, handler?: TopicHandler): Subscription {
    const subscription = this.#subscriptions.add(topic, options);
    if (handler) void handEach(subscription, handler);
    return subscription;
  }

  /**
   * To those who are known to be subscribed: straight, if all of them are neighbours; else over the tree, where only
   * dead ends that are not subscribed are left out.
   *
   * @returns how many other peers that are.
   * @throws ValidationError; where there are any, what `SpanningTree.send` throws.
   */
  publish(topic: string, data: unknown, { lifetime }: PublishOptions = {}): number {
    const { self, codec, send, isReachable, isNeighbour } = this.#options;
    assertTopic(topic);
    const payload = encodePayload(codec, data);
    const subscribers = [...this.interest.subscribers(topic)].filter(isReachable);
    const to = subscribers.every(isNeighbour) ? new Set(subscribers) : undefined;
    if (subscribers.length > 0) send({ kind: "publication", name: topic, payload, lifetime, to });
    this.#hand(self, topic, payload);
    return subscribers.length;
  }

  /** Hands what another peer has published to whoever is subscribed here. */
  deliver({ origin, name, payload }: Broadcast): void {
    this.#hand(origin, name, payload);
  }

  stop(): void {
    this.#subscriptions.closeAll();
  }

  #hand(from: string, topic: string, payload: Uint8Array): void {
    for (const subscription of this.#subscriptions.matching(topic)) {
      try {
        const data = decodePayload(this.#options.codec, payload);
        subscription.push({ topic, from, data }, payload.length);
      } catch (error) {
        if (!NetworkError.is(error)) throw error;
        this.#options.logger.debug({ peerId: from, topic, error }, "a publication is malformed");
      }
    }
  }
}
