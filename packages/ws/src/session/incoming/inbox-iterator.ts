import type { Delivery } from "../delivery.ts";
import type { Backlog } from "./backlog.ts";
import type { Committer } from "./committer.ts";
import type { Inbox } from "./inbox.ts";
import type { Item } from "./item.ts";
import { ReceivedMessage } from "./received-message.ts";

type Result<Body, Tx> = IteratorResult<Delivery<Body, Tx>, void>;

interface InboxIteratorOptions<Body, Tx> {
  readonly inbox: Inbox<Body>;
  readonly backlog: Backlog<Body>;
  readonly committer: Committer<Body, Tx>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Messages to process, one after the other. Whoever leaves gives back what he has not acknowledged. It does what an
 * async generator would, by hand: that one takes four more turns of the promise queue for each message.
 */
export class InboxIterator<Body, Tx>
  implements AsyncGenerator<Delivery<Body, Tx>, void, undefined>
{
  readonly #options: InboxIteratorOptions<Body, Tx>;
  /** Calls that are not settled yet, and the last of them. */
  #underWay = 0;
  #last: Promise<Result<Body, Tx>> | undefined;
  #isOver = false;

  constructor(options: InboxIteratorOptions<Body, Tx>) {
    this.#options = options;
  }

  next(): Promise<Result<Body, Tx>> {
    const item = this.#underWay > 0 || this.#isOver ? undefined : this.#options.inbox.poll();
    if (item) return Promise.resolve(this.#handOut(item));
    this.#underWay++;
    this.#last = this.#take(this.#last);
    return this.#last;
  }

  return(): Promise<Result<Body, Tx>> {
    this.#underWay++;
    this.#last = this.#finish(this.#last);
    return this.#last;
  }

  async throw(error: unknown): Promise<Result<Body, Tx>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** After the call before it, as a generator does. */
  async #take(before: Promise<unknown> | undefined): Promise<Result<Body, Tx>> {
    const { inbox, signal } = this.#options;
    try {
      await before?.catch(() => {});
      for (;;) {
        const item = this.#isOver ? undefined : inbox.poll();
        if (item) return this.#handOut(item);
        if (this.#isOver || inbox.hasEnded()) return this.#leave();
        await inbox.changed(signal);
      }
    } catch (error) {
      this.#leave();
      throw error;
    } finally {
      this.#settled();
    }
  }

  async #finish(before: Promise<unknown> | undefined): Promise<Result<Body, Tx>> {
    await before?.catch(() => {});
    this.#settled();
    return this.#leave();
  }

  #settled(): void {
    if (--this.#underWay === 0) this.#last = undefined;
  }

  #handOut(item: Item<Body>): IteratorYieldResult<Delivery<Body, Tx>> {
    item.takenBy = this;
    return { done: false, value: new ReceivedMessage(item, this.#options.committer) };
  }

  #leave(): IteratorReturnResult<void> {
    if (!this.#isOver) this.#giveBack();
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  #giveBack(): void {
    const { inbox, backlog } = this.#options;
    inbox.giveBack(backlog.items.filter((item) => item.takenBy === this && !item.isDone));
  }
}
