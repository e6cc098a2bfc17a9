import { ClosedError, type NetworkError, ProtocolError, type Schema, validate } from "@net/core";
import type { Channel } from "../channel.ts";
import type { Delivery } from "../delivery.ts";
import type { ExchangeSettings } from "../options.ts";
import type { Terms } from "../wire/envelope.ts";
import { Backlog } from "./backlog.ts";
import { Committer, type CommitterOwner } from "./committer.ts";
import { Inbox } from "./inbox.ts";
import { InboxIterator } from "./inbox-iterator.ts";
import { type Item, notResumed, rejectWaiter } from "./item.ts";
import { countOf, itemsOf, type Part } from "./part.ts";
import { ReceiveWindow } from "./receive-window.ts";

export interface IncomingOwner {
  /** Something failed here, and nobody waits for it: the link ends. */
  onFailure(error: unknown): void;
}

export interface IncomingOptions<Body, Tx> {
  readonly session: string;
  readonly settings: ExchangeSettings<Body, Tx>;
  readonly owner: IncomingOwner;
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
  #arriving: Promise<void> = quiet;

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
    this.#committer.begin();
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
  receive(parts: readonly Part[], frameBytes: number): boolean {
    for (const part of parts) {
      if (part.seq !== this.#arrived + 1) return false;
      this.#arrived += countOf(part);
    }
    const maxFrameBytes = this.#channel?.maxFrameBytes ?? 0;
    this.#window.take(this.#arrived, this.#backlog.cursor, frameBytes, maxFrameBytes);
    this.#arriving = this.#arriving
      .then(() => this.#admit(parts))
      .catch((error: unknown) => this.#options.owner.onFailure(error));
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

  async #admit(parts: readonly Part[]): Promise<void> {
    const { epoch } = this.#backlog;
    const items = itemsOf<Body>(parts, epoch);
    const known = await this.#known(items);
    for (const item of items) {
      item.isDone = item.mayBeKnown && (known.has(item.id) || this.#backlog.holds(item.id));
      const checking = item.isDone ? undefined : this.#check(item);
      if (checking) await checking;
      if (epoch !== this.#backlog.epoch || this.#isEnded) return;
      // What came before it could not be taken: this comes again after it.
      if (item.seq !== this.#backlog.received + 1) return;
      this.#backlog.add(item);
      if (!item.isDone) this.#inbox.add(item);
    }
    this.#committer.flushLater();
    this.#inbox.wake();
  }

  /** Those whose id was committed here before. What was never offered is not looked for. */
  async #known(items: readonly Item<Body>[]): Promise<ReadonlySet<string>> {
    const { session, settings } = this.#options;
    const ids = items.filter(({ mayBeKnown }) => mayBeKnown).map(({ id }) => id);
    return ids.length > 0 ? await settings.store.committed(session, ids) : none;
  }

  /** Undefined where there is no schema: a promise for each message would cost much. */
  #check(item: Item<Body>): Promise<void> | undefined {
    const { schema } = this.#options.settings;
    return schema && this.#checkedWith(schema, item);
  }

  async #checkedWith(schema: Schema<Body>, item: Item<Body>): Promise<void> {
    try {
      item.body = await validate(schema, item.body, `message ${item.id}`);
    } catch (cause) {
      throw new ProtocolError(`message ${item.id} does not fit the schema`, { cause });
    }
  }
}

/** What nothing waits for: one for all that are idle. */
const quiet = Promise.resolve();
const none: ReadonlySet<string> = new Set();
