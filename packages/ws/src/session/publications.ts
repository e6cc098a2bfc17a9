import {
  abortable,
  type JsonValue,
  type NetworkError,
  throwIfAborted,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { madeId, messageIds } from "./message-ids.ts";
import type { Publication } from "./publication.ts";
import type { NewMessage, SessionStore } from "./store/store.ts";
import { textOf } from "./text.ts";
import { WaitingPublications } from "./waiting-publications.ts";
import { isName } from "./wire/decode.ts";
import { byteLength } from "./wire/encode.ts";
import { MAX_NAME_LENGTH } from "./wire/limits.ts";

export interface PublishOptions {
  /**
   * Names the message: the other end commits it once, however often it is published with this id. Default: random.
   * At most 128 characters.
   */
  readonly id?: string | undefined;
  /** Stops waiting. A message that the store has taken is delivered all the same. */
  readonly signal?: AbortSignal | undefined;
}

interface PublicationsOptions {
  readonly session: string;
  readonly store: SessionStore;
  readonly maxMessageBytes: number;
  readonly maxWaiting: number;
  /**
   * Called when the store was asked to take messages, and again when it has: whoever reads it in between may share
   * a flush of its disk.
   */
  readonly onAppended: () => void;
  /** Called when nobody waits any more. */
  readonly onIdle?: () => void;
}

/** Messages on their way into the store, those of a tick together, and who waits for their being committed. */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #nextId = messageIds();
  readonly #waiting = new WaitingPublications();
  #batch: Publication[] = [];
  #isAppending = false;
  #end: NetworkError | undefined;

  constructor(options: PublicationsOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#waiting.isEmpty && this.#batch.length === 0 && !this.#isAppending;
  }

  /** Resolves when the store has taken the message. */
  async enqueue(body: JsonValue, options: PublishOptions = {}): Promise<void> {
    const { settled, signal } = this.#add(body, options, false);
    await abortable(settled.promise, signal);
  }

  /** Resolves when the other end has committed the message. */
  publish(body: JsonValue, options: PublishOptions = {}): Promise<void> {
    try {
      const publication = this.#add(body, options, true);
      // Whoever does not give up is forgotten by what settles him; an async function would cost him a promise more.
      return publication.signal ? this.#untilAborted(publication) : publication.settled.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The other end has committed these. */
  committed(ids: readonly string[]): void {
    for (const id of ids) {
      for (let each = this.#waiting.take(id); each; each = each.next) each.settled.resolve();
    }
    this.#tellIfIdle();
  }

  /** Nobody will deliver what waits. */
  end(error: NetworkError): void {
    this.#end ??= error;
    for (const first of this.#waiting.takeAll()) {
      for (let each: Publication | undefined = first; each; each = each.next)
        each.settled.reject(error);
    }
    this.#tellIfIdle();
  }

  #add(body: JsonValue, { id, signal }: PublishOptions, isAwaited: boolean): Publication {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
    const text = textOf(body);
    const bytes = this.#sizeOf(text);
    const message =
      id === undefined ? this.#named(text, bytes) : { id: checkedId(id), body: text, bytes };
    const settled = Promise.withResolvers<void>();
    const publication: Publication = { message, settled, signal, isAwaited, next: undefined };
    if (isAwaited) this.#waiting.add(publication);
    this.#batch.push(publication);
    this.#appendLater();
    return publication;
  }

  #named(body: string, bytes: number): NewMessage {
    const made = this.#nextId();
    return { id: madeId(made.maker, made.count), made, body, bytes };
  }

  async #untilAborted(publication: Publication): Promise<void> {
    try {
      await abortable(publication.settled.promise, publication.signal);
    } finally {
      this.#forget(publication);
    }
  }

  #appendLater(): void {
    if (this.#isAppending) return;
    this.#isAppending = true;
    queueMicrotask(() => void this.#append());
  }

  /** One batch at a time: what comes meanwhile makes the next. */
  async #append(): Promise<void> {
    while (this.#batch.length > 0) {
      const batch = this.#batch.filter(({ signal }) => !signal?.aborted);
      this.#batch = [];
      if (batch.length > 0) await this.#store(batch);
    }
    this.#isAppending = false;
    this.#tellIfIdle();
  }

  async #store(batch: readonly Publication[]): Promise<void> {
    const { session, store, maxWaiting, onAppended } = this.#options;
    try {
      const messages = batch.map(({ message }) => message);
      const appended = store.append(session, messages, maxWaiting);
      onAppended();
      await appended;
      for (const { isAwaited, settled } of batch) if (!isAwaited) settled.resolve();
      onAppended();
    } catch (cause) {
      const error = toNetworkError(cause);
      for (const publication of batch) this.#refuse(publication, error);
    }
  }

  #refuse(publication: Publication, error: NetworkError): void {
    publication.settled.reject(error);
    this.#forget(publication);
  }

  #forget(publication: Publication): void {
    this.#waiting.remove(publication);
    this.#tellIfIdle();
  }

  #tellIfIdle(): void {
    if (this.isIdle) this.#options.onIdle?.();
  }

  #sizeOf(text: string): number {
    const { maxMessageBytes } = this.#options;
    const bytes = byteLength(text);
    if (bytes <= maxMessageBytes) return bytes;
    throw new ValidationError(`a body of ${bytes} bytes is over the limit of ${maxMessageBytes}`, {
      code: "FRAME_TOO_LARGE",
    });
  }
}

function checkedId(id: string): string {
  if (isName(id)) return id;
  throw new ValidationError(`a message's id must have 1 to ${MAX_NAME_LENGTH} characters`);
}
