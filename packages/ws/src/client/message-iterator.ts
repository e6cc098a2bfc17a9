import type { Message } from "../socket/socket.ts";
import type { Inbox } from "./inbox.ts";

type Result = IteratorResult<Message, void>;

/** Messages one after the other. By hand: a generator costs two more turns of the promise queue for each. */
export class MessageIterator implements AsyncIterableIterator<Message, void, undefined> {
  readonly #inbox: Inbox;

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
  }

  next(): Promise<Result> {
    const message = this.#inbox.poll();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    return this.#inbox.take(undefined).then(resultOf);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function resultOf(message: Message | undefined): Result {
  return message === undefined ? { done: true, value: undefined } : { done: false, value: message };
}
