import { NetworkError } from "@net/core";
import type { WebSocketClientOptions } from "@net/ws";
import type { Received } from "../messages.ts";
import { Progress } from "./progress.ts";
import { type Numbered, Subscription } from "./subscription.ts";

export interface InboxOptions {
  readonly wsUrl: string;
  readonly token: string;
  readonly client: WebSocketClientOptions;
}

/** The messages of one login, in one loop at a time; a later loop goes on after what was acknowledged. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #progress = new Progress();
  #subscription: Subscription | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** @throws NetworkError `INVALID_STATE` if another loop runs, and why the messages ended, unless we ended them. */
  async *messages(signal: AbortSignal | undefined): AsyncGenerator<Received, void, undefined> {
    await using subscription = this.#subscribe();
    try {
      for (;;) {
        const next = await subscription.take(signal);
        if (!next) return;
        yield toReceived(next, subscription);
      }
    } finally {
      this.#subscription = undefined;
    }
  }

  /** Ends the loop, if one runs, and its connection. What it has not acknowledged comes again. */
  async close(): Promise<void> {
    await this.#subscription?.[Symbol.asyncDispose]();
  }

  #subscribe(): Subscription {
    if (this.#subscription) {
      throw new NetworkError("INVALID_STATE", "the messages are read already: end that loop first");
    }
    this.#progress.rewind();
    this.#subscription = new Subscription({ ...this.#options, progress: this.#progress });
    return this.#subscription;
  }
}

function toReceived({ seq, message }: Numbered, subscription: Subscription): Received {
  return { ...message, seq, ack: () => subscription.acknowledge(seq) };
}
