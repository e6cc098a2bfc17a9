import {
  abortable,
  ClosedError,
  NetworkError,
  ProtocolError,
  type Schema,
  validate,
} from "@net/core";
import type { Channel } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import type { SessionStore } from "./store/store.ts";
import type { Msg, Terms } from "./wire/envelope.ts";

interface Item<Body> {
  readonly seq: number;
  readonly id: string;
  readonly epoch: string;
  readonly body: Body;
  redelivered: boolean;
  /** Acknowledged here, and perhaps not in the store yet. */
  isDone: boolean;
  isCommitted: boolean;
  waiter: PromiseWithResolvers<void> | undefined;
}

export interface IncomingOptions<Body, Tx> {
  readonly session: string;
  readonly store: SessionStore<Tx>;
  readonly schema: Schema<Body> | undefined;
  readonly windowMessages: number;
  readonly windowBytes: number;
  readonly maxMessageBytes: number;
  /** Called with what failed here; the link ends then. */
  readonly onFailure: (error: unknown) => void;
}

/** The other end's messages: from the link to whoever processes them, and their acknowledgements back. */
export class Incoming<Body, Tx> {
  readonly #options: IncomingOptions<Body, Tx>;
  /** Received and not committed, by number, without gaps. */
  #items = new Map<number, Item<Body>>();
  /** Those that nobody has taken, in order. */
  #queue: Item<Body>[] = [];
  #changed = Promise.withResolvers<void>();
  #end: { readonly error: NetworkError | undefined } | undefined;
  #channel: Channel | undefined;
  #epoch = "";
  #cursor = 0;
  #received = 0;
  /** The numbers that were read off the link, of which some may still be on their way to the queue. */
  #arrived = 0;
  #arriving: Promise<void> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();
  #isFlushing = false;
  #held: { readonly seq: number; readonly bytes: number }[] = [];
  #heldBytes = 0;

  constructor(options: IncomingOptions<Body, Tx>) {
    this.#options = options;
  }

  /** What the other end must know to go on. Waits until what arrived is in its place. */
  async position(): Promise<Pick<Terms, "cursor" | "received">> {
    await this.#arriving;
    await this.#writing.catch(() => {});
    return { cursor: this.#cursor, received: this.#received };
  }

  /** Starts from a session of the store: what is held of another one is dropped. */
  begin(epoch: string, cursor: number): void {
    const dropped = [...this.#items.values()];
    this.#epoch = epoch;
    this.#cursor = cursor;
    this.#received = cursor;
    this.#arrived = cursor;
    this.#items = new Map();
    this.#queue = [];
    this.#held = [];
    this.#heldBytes = 0;
    for (const item of dropped) rejectWaiter(item, notResumed());
  }

  /** Messages come over this link now. @param told the cursor that the other end knows. */
  start(channel: Channel, told: number): void {
    this.#channel = channel;
    this.#arrived = this.#received;
    if (this.#cursor > told) channel.acknowledge(this.#cursor);
    this.#flushLater();
  }

  /** No message comes over the link any more. */
  stop(): void {
    this.#channel = undefined;
  }

  /**
   * Messages of one frame.
   *
   * @returns false if one is missing before them: the link lost it.
   * @throws ProtocolError if the window was overrun.
   */
  receive(messages: readonly Msg[], frameBytes: number): boolean {
    for (const { seq } of messages) {
      if (seq !== this.#arrived + 1) return false;
      this.#arrived = seq;
    }
    this.#hold(frameBytes);
    const channel = this.#channel;
    this.#arriving = this.#arriving
      .then(() => (channel === this.#channel ? this.#admit(messages, channel) : undefined))
      .catch((error: unknown) => this.#fail(error));
    return true;
  }

  /** Messages to process, until the session ends. Whoever leaves the loop gives back what he has not acknowledged. */
  async *inbox(signal?: AbortSignal): AsyncGenerator<Delivery<Body, Tx>, void, undefined> {
    const taken = new Set<Item<Body>>();
    try {
      for (;;) {
        for (const item of taken) if (item.isDone) taken.delete(item);
        const item = await this.#take(signal);
        if (!item) return;
        taken.add(item);
        yield this.#delivery(item);
      }
    } finally {
      this.#giveBack(taken);
    }
  }

  /** Nothing more comes: without an error the inbox ends, with one it throws. */
  end(error?: NetworkError): void {
    if (this.#end) return;
    this.#end = { error };
    const ended = error ?? new ClosedError("the session was closed");
    for (const item of this.#items.values()) if (!item.isDone) rejectWaiter(item, ended);
    this.#queue = [];
    this.#wakeTakers();
  }

  /** Resolves when the store is no longer used. */
  async settled(): Promise<void> {
    await this.#arriving;
    await this.#writing.catch(() => {});
    for (const item of this.#items.values())
      rejectWaiter(item, new ClosedError("the session was closed"));
  }

  async #admit(messages: readonly Msg[], channel: Channel | undefined): Promise<void> {
    const { session, store } = this.#options;
    const epoch = this.#epoch;
    const ids = messages.map(({ id }) => id);
    const known = await store.committed(session, ids);
    for (const message of messages) {
      const isKnown = known.has(message.id) || this.#holds(message.id);
      const body = isKnown ? (undefined as Body) : await this.#check(message);
      if (channel !== this.#channel || epoch !== this.#epoch || this.#end) return;
      this.#place(message, body, isKnown);
    }
    this.#flushLater();
    this.#wakeTakers();
  }

  #place({ seq, id, ...flags }: Msg, body: Body, isDone: boolean): void {
    const epoch = this.#epoch;
    const redelivered = flags.redelivered === true;
    const item = {
      seq,
      id,
      epoch,
      body,
      redelivered,
      isDone,
      isCommitted: false,
      waiter: undefined,
    };
    this.#received = seq;
    this.#items.set(seq, item);
    if (!isDone) this.#queue.push(item);
  }

  /** Published twice with one id, and the first is still being processed. */
  #holds(id: string): boolean {
    for (const item of this.#items.values()) if (item.id === id) return true;
    return false;
  }

  async #check({ id, body }: Msg): Promise<Body> {
    const { schema } = this.#options;
    if (!schema) return body as Body;
    try {
      return await validate(schema, body, `message ${id}`);
    } catch (cause) {
      throw new ProtocolError(`message ${id} does not fit the schema`, { cause });
    }
  }

  async #take(signal: AbortSignal | undefined): Promise<Item<Body> | undefined> {
    for (;;) {
      const item = this.#queue.shift();
      if (item && !item.isDone) return item;
      if (item) continue;
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      await abortable(this.#changed.promise, signal);
    }
  }

  #giveBack(taken: ReadonlySet<Item<Body>>): void {
    const back = [...taken].filter((item) => !item.isDone && this.#items.get(item.seq) === item);
    if (back.length === 0 || this.#end) return;
    for (const item of back) item.redelivered = true;
    this.#queue = [...back, ...this.#queue].sort((a, b) => a.seq - b.seq);
    this.#wakeTakers();
  }

  #delivery(item: Item<Body>): Delivery<Body, Tx> {
    const { seq, id, body, redelivered } = item;
    return {
      seq,
      id,
      body,
      redelivered,
      ack: () => this.#ack(item),
      commit: (effects) => this.#exclusively(() => this.#commit(item, effects)),
    };
  }

  async #ack(item: Item<Body>): Promise<void> {
    if (item.isCommitted) return;
    if (this.#items.get(item.seq) !== item) throw notResumed();
    if (this.#end) throw this.#end.error ?? new ClosedError("the session was closed");
    item.isDone = true;
    item.waiter ??= Promise.withResolvers();
    this.#flushLater();
    await item.waiter.promise;
  }

  async #commit(item: Item<Body>, effects: (tx: Tx) => void | PromiseLike<void>): Promise<boolean> {
    await this.#flush();
    if (item.isCommitted) return false;
    if (this.#items.get(item.seq) !== item) throw notResumed();
    if (this.#end) throw this.#end.error ?? new ClosedError("the session was closed");
    if (item.seq !== this.#cursor + 1) throw outOfOrder(item.seq, this.#cursor);
    const { session, store } = this.#options;
    const progress = { epoch: item.epoch, seq: item.seq, ids: [item.id] };
    const isApplied = await store.commit(session, progress, effects);
    item.isDone = true;
    this.#committed([item]);
    this.#flushLater();
    return isApplied;
  }

  /** Acknowledgements of a tick go to the store together. */
  #flushLater(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      const flush = (): Promise<void> => {
        this.#isFlushing = false;
        return this.#flush();
      };
      this.#exclusively(flush).catch((error: unknown) => this.#fail(error));
    });
  }

  async #flush(): Promise<void> {
    const items = this.#firstDone();
    const last = items.at(-1);
    if (!last) return;
    const { session, store } = this.#options;
    const progress = { epoch: last.epoch, seq: last.seq, ids: items.map(({ id }) => id) };
    try {
      await store.commit(session, progress);
      this.#committed(items);
    } catch (error) {
      const isTold = items.filter(({ waiter }) => waiter);
      for (const item of isTold) {
        item.isDone = false;
        rejectWaiter(item, error);
      }
      if (isTold.length < items.length) throw error;
    }
  }

  /** Those right after the cursor that are done. */
  #firstDone(): Item<Body>[] {
    const done: Item<Body>[] = [];
    for (let seq = this.#cursor + 1; ; seq++) {
      const item = this.#items.get(seq);
      if (!item?.isDone) return done;
      done.push(item);
    }
  }

  #committed(items: readonly Item<Body>[]): void {
    for (const item of items) {
      item.isCommitted = true;
      item.waiter?.resolve();
      if (this.#items.get(item.seq) !== item) continue;
      this.#items.delete(item.seq);
      this.#cursor = item.seq;
    }
    this.#release();
    this.#channel?.acknowledge(this.#cursor);
  }

  /** One write of this session at a time. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.catch(() => {}).then(work);
    this.#writing = result;
    return result;
  }

  /** Counts what a frame holds in memory until its last message is committed. */
  #hold(bytes: number): void {
    const { windowMessages, windowBytes, maxMessageBytes } = this.#options;
    // A sender counts bodies, we count frames, with what else is in them: hence twice the window.
    const limit = 2 * (windowBytes + maxMessageBytes) + (this.#channel?.maxFrameBytes ?? 0);
    if (this.#arrived - this.#cursor > windowMessages || this.#heldBytes > limit) {
      throw new ProtocolError("more messages came than the window allows");
    }
    this.#held.push({ seq: this.#arrived, bytes });
    this.#heldBytes += bytes;
  }

  #release(): void {
    while (this.#held[0] && this.#held[0].seq <= this.#cursor) {
      this.#heldBytes -= this.#held.shift()?.bytes ?? 0;
    }
  }

  #wakeTakers(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #fail(error: unknown): void {
    this.#options.onFailure(error);
  }
}

function rejectWaiter(
  item: { waiter: PromiseWithResolvers<void> | undefined },
  error: unknown,
): void {
  item.waiter?.reject(error);
  item.waiter = undefined;
}

function notResumed(): NetworkError {
  return new NetworkError("CONFLICT", "the session was not resumed: this message comes again");
}

function outOfOrder(seq: number, cursor: number): NetworkError {
  return new NetworkError(
    "INVALID_STATE",
    `message ${seq} cannot be committed before message ${cursor + 1}: commit in order`,
  );
}
