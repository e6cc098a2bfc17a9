/** Where messages come from. */
export interface MessageSource<Message> {
  /** The next one, if it has come. */
  poll(): Message | undefined;
  /** The next one; undefined once there are no more. */
  receive(): Promise<Message | undefined>;
}

/** The messages of a source, one by one. What has come already costs a promise, which a generator would triple. */
export class MessageIterator<Message extends object>
  implements AsyncIterableIterator<Message, undefined, undefined>
{
  readonly #source: MessageSource<Message>;
  #isOver = false;

  constructor(source: MessageSource<Message>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#isOver ? undefined : this.#source.poll();
    return value ? Promise.resolve({ value, done: false }) : this.#wait();
  }

  /** Leaves the rest where it is. */
  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#isOver = true;
    return { value: undefined, done: true };
  }

  async #wait(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#isOver ? undefined : await this.#source.receive();
    if (value) return { value, done: false };
    this.#isOver = true;
    return { value: undefined, done: true };
  }
}
