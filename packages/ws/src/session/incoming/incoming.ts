import { ClosedError, type NetworkError, ProtocolError, validate } from "@net/core";
import type { Channel } from "../channel.ts";
import type { Delivery } from "../delivery.ts";
import type { ExchangeSettings } from "../options.ts";
import type { Msg, Terms } from "../wire/envelope.ts";
import { Backlog } from "./backlog.ts";
import { Committer, type CommitterOwner } from "./committer.ts";
import { Inbox } from "./inbox.ts";
import { InboxIterator } from "./inbox-iterator.ts";
import { type Item, notResumed, rejectWaiter } from "./item.ts";
import { ReceiveWindow } from "./receive-window.ts";

export interface IncomingOptions<Body, Tx> {
  readonly session: string;
  readonly settings: ExchangeSettings<Body, Tx>;
  /** Called with what failed here; the link ends then. */
  readonly onFailure: (error: unknown) => void;
}

/** The other end's messages: from the link to whoever processes them, and their acknowledgements back. */
export class Incoming<Body, Tx> implements CommitterOwner {
  readonly #options: IncomingOptions<Body, Tx>;
  readonly #backlog = new Backlog<Body>();
  readonly #inbox = new Inbox<Body>();
  readonly #window: ReceiveWindow;
  readonly #committer: Committer<Body, Tx>;
  #isEnded = false;
  #channel: Channel | undefined;
  /** The last number that was read off the link; some may still be on their way to the inbox. */
  #arrived = 0;
  #arriving: Promise<void> = Promise.resolve();

  constructor(options: IncomingOptions<Body, Tx>) {
    this.#options = options;
    this.#window = new ReceiveWindow(options.settings);
    this.#committer = new Committer<Body, Tx>(options, this.#backlog, this);
  }

  /** What the other end must know to go on. Waits until what arrived is in its place. */
  async position(): Promise<Pick<Terms, "cursor" | "received">> {
    await this.#arriving;
    await this.#committer.settled();
    const { cursor, received } = this.#backlog;
    return { cursor, received };
  }

  /** Starts from a session of the store: what is held of another one is dropped. */
  begin(epoch: string, cursor: number): void {
    const dropped = this.#backlog.begin(epoch, cursor);
    this.#arrived = cursor;
    this.#inbox.clear();
    this.#window.clear();
    for (const item of dropped) rejectWaiter(item, notResumed());
  }

  /** Messages come over this link now. @param told the cursor that the other end knows. */
  start(channel: Channel, told: number): void {
    this.#channel = channel;
    this.#arrived = this.#backlog.received;
    if (this.#backlog.cursor > told) channel.acknowledge(this.#backlog.cursor);
    this.#committer.flushLater();
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
    const maxFrameBytes = this.#channel?.maxFrameBytes ?? 0;
    this.#window.take(this.#arrived, this.#backlog.cursor, frameBytes, maxFrameBytes);
    this.#arriving = this.#arriving
      .then(() => this.#admit(messages))
      .catch(this.#options.onFailure);
    return true;
  }

  /** Messages to process, until the session ends. Whoever leaves the loop gives back what he has not acknowledged. */
  inbox(signal?: AbortSignal): AsyncGenerator<Delivery<Body, Tx>, void, undefined> {
    return new InboxIterator({
      inbox: this.#inbox,
      backlog: this.#backlog,
      committer: this.#committer,
      signal,
    });
  }

  /** Nothing more comes: without an error the inbox ends, with one it throws. */
  end(error?: NetworkError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#committer.end(error);
    const ended = error ?? new ClosedError("the session was closed");
    for (const item of this.#backlog.items) if (!item.isDone) rejectWaiter(item, ended);
    this.#inbox.end(error);
  }

  /** Resolves when the store is no longer used. */
  async settled(): Promise<void> {
    await this.#arriving;
    await this.#committer.settled();
    const error = new ClosedError("the session was closed");
    for (const item of this.#backlog.items) rejectWaiter(item, error);
  }

  onCommitted(): void {
    const { cursor } = this.#backlog;
    this.#window.release(cursor);
    this.#channel?.acknowledge(cursor);
  }

  async #admit(messages: readonly Msg[]): Promise<void> {
    const { session, settings } = this.#options;
    const { epoch } = this.#backlog;
    const known = await settings.store.committed(
      session,
      messages.map(({ id }) => id),
    );
    for (const message of messages) {
      const isKnown = known.has(message.id) || this.#backlog.holds(message.id);
      const body = isKnown ? undefined : this.#checked(message);
      const value = body instanceof Promise ? await body : body;
      if (epoch !== this.#backlog.epoch || this.#isEnded) return;
      // What came before it could not be taken: this comes again after it.
      if (message.seq !== this.#backlog.received + 1) return;
      this.#place(message, value as Body, isKnown);
    }
    this.#committer.flushLater();
    this.#inbox.wake();
  }

  #place(message: Msg, body: Body, isDone: boolean): void {
    const { seq, id } = message;
    const { epoch } = this.#backlog;
    const item: Item<Body> = {
      seq,
      id,
      epoch,
      body,
      redelivered: message.redelivered === true,
      isDone,
      isCommitted: false,
      takenBy: undefined,
      waiter: undefined,
    };
    this.#backlog.add(item);
    if (!isDone) this.#inbox.add(item);
  }

  /** Costs a promise only where there is a schema. */
  #checked({ id, body }: Msg): Body | Promise<Body> {
    const { schema } = this.#options.settings;
    if (!schema) return body as Body;
    return validate(schema, body, `message ${id}`).catch((cause: unknown) => {
      throw new ProtocolError(`message ${id} does not fit the schema`, { cause });
    });
  }
}
