import { AsyncQueue, onAbort, reportUncaught, throwIfAborted } from "@net/core";

/** What was published to a topic. */
export interface PublishedMessage {
  readonly topic: string;
  /** Who published it: its device signed it. */
  readonly from: string;
  readonly data: unknown;
  /** How many before it were dropped here, because they were not taken in time; 0 as a rule. */
  readonly missed: number;
}

export type TopicHandler = (message: PublishedMessage) => void | Promise<void>;

export interface SubscribeOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
  /** The most messages that wait to be taken. Default 256. One above 32 KiB counts as several. */
  readonly capacity?: number | undefined;
}

/** The most messages that wait unless a subscriber says otherwise. */
const DEFAULT_CAPACITY = 256;
/** What counts as one message, in bytes. */
const UNIT_BYTES = 32 * 1024;

interface Waiting {
  readonly message: PublishedMessage;
  readonly bytes: number;
}

/**
 * What is published to a topic, from when it was subscribed to until it is closed: iterate over it. One who iterates
 * slowly misses what does not fit the buffer; the next message says how many that were. Leaving the loop closes it.
 *
 * @example
 * ```ts
 * for await (const { topic, from, data, missed } of network.subscribe("builds.*")) {
 *   if (missed > 0) console.warn(`${missed} messages came too fast`);
 *   console.log(topic, from, data);
 * }
 * ```
 */
export class Subscription implements AsyncIterable<PublishedMessage>, AsyncDisposable, Disposable {
  /** What it is for: a topic, or a pattern of topics. */
  readonly topic: string;
  readonly #queue: AsyncQueue<Waiting>;
  readonly #onClose: (subscription: Subscription) => void;
  readonly #listener: Disposable;
  #missed = 0;
  #dropped = 0;

  /** @throws AbortedError if the signal has aborted; ValidationError unless the capacity is above 0. */
  constructor(
    topic: string,
    { signal, capacity = DEFAULT_CAPACITY }: SubscribeOptions,
    onClose: (subscription: Subscription) => void,
  ) {
    throwIfAborted(signal);
    this.topic = topic;
    this.#queue = new AsyncQueue({
      capacity,
      sizeOf: ({ bytes }) => Math.max(1, Math.ceil(bytes / UNIT_BYTES)),
    });
    this.#onClose = onClose;
    this.#listener = onAbort(signal, () => this.close());
  }

  /** How many messages were dropped because they were not taken in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** For whoever delivers: @param bytes the size of the message. */
  push(message: Omit<PublishedMessage, "missed">, bytes: number): void {
    if (this.#queue.ended) return;
    const waiting = { message: { ...message, missed: this.#missed }, bytes };
    if (this.#queue.push(waiting) === "refused") {
      this.#missed += 1;
      this.#dropped += 1;
    } else this.#missed = 0;
  }

  /** Takes no more messages; those that wait can still be taken. Closing twice is fine. */
  close(): void {
    if (this.#queue.ended) return;
    this.#queue.end();
    this.#listener[Symbol.dispose]();
    this.#onClose(this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PublishedMessage, void, undefined> {
    try {
      for await (const { message } of this.#queue) yield message;
    } finally {
      this.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/**
 * Hands each message to a function, one after the other. What it throws is reported as uncaught, and the next one
 * follows.
 */
export async function handEach(
  messages: AsyncIterable<PublishedMessage>,
  handler: TopicHandler,
): Promise<void> {
  for await (const message of messages) {
    try {
      await handler(message);
    } catch (error) {
      reportUncaught(error);
    }
  }
}
