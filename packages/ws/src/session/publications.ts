import {
  abortable,
  type JsonValue,
  type NetworkError,
  throwIfAborted,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { messageIds } from "./message-ids.ts";
import type { NewMessage, SessionStore } from "./store/store.ts";
import { textOf } from "./text.ts";
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

/** One call: it is settled when the store has the message, or when the other end has. */
interface Publication {
  readonly message: NewMessage;
  readonly settled: PromiseWithResolvers<void>;
  readonly signal: AbortSignal | undefined;
  readonly isAwaited: boolean;
}

/** Messages on their way into the store, those of a tick together, and who waits for their being committed. */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #nextId = messageIds();
  /** Calls that wait for the other end, by the message's id. */
  readonly #waiting = new Map<string, Publication[]>();
  #batch: Publication[] = [];
  #isAppending = false;
  #end: NetworkError | undefined;

  constructor(options: PublicationsOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#batch.length === 0 && !this.#isAppending;
  }

  /** Resolves when the store has taken the message. */
  async enqueue(body: JsonValue, options: PublishOptions = {}): Promise<void> {
    const { settled, signal } = this.#add(body, options, false);
    await abortable(settled.promise, signal);
  }

  /** Resolves when the other end has committed the message. */
  async publish(body: JsonValue, options: PublishOptions = {}): Promise<void> {
    const publication = this.#add(body, options, true);
    const { settled, signal } = publication;
    // Whoever does not give up is forgotten by what settles him.
    if (!signal) return await settled.promise;
    try {
      await abortable(settled.promise, signal);
    } finally {
      this.#forget(publication);
    }
  }

  /** The other end has committed these. */
  committed(ids: readonly string[]): void {
    for (const id of ids) {
      const publications = this.#waiting.get(id);
      if (!publications) continue;
      this.#waiting.delete(id);
      for (const { settled } of publications) settled.resolve();
    }
    this.#tellIfIdle();
  }

  /** Nobody will deliver what waits. */
  end(error: NetworkError): void {
    this.#end ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const publications of waiting)
      for (const { settled } of publications) refuse(settled, error);
    this.#tellIfIdle();
  }

  #add(body: JsonValue, { id, signal }: PublishOptions, isAwaited: boolean): Publication {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
    const text = textOf(body);
    const bytes = this.#sizeOf(text);
    const message = { id: id === undefined ? this.#nextId() : checkedId(id), body: text, bytes };
    const settled = Promise.withResolvers<void>();
    const publication: Publication = { message, settled, signal, isAwaited };
    if (isAwaited) this.#await(publication);
    this.#batch.push(publication);
    this.#appendLater();
    return publication;
  }

  #await(publication: Publication): void {
    const { id } = publication.message;
    const others = this.#waiting.get(id);
    if (others) others.push(publication);
    else this.#waiting.set(id, [publication]);
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
    refuse(publication.settled, error);
    this.#forget(publication);
  }

  #forget(publication: Publication): void {
    const { id } = publication.message;
    const others = this.#waiting.get(id)?.filter((each) => each !== publication);
    if (others?.length === 0) this.#waiting.delete(id);
    else if (others) this.#waiting.set(id, others);
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

/** Whoever waits is told; that nobody does any more, since his signal aborted, is no failure. */
function refuse({ promise, reject }: PromiseWithResolvers<void>, error: NetworkError): void {
  promise.catch(() => {});
  reject(error);
}

function checkedId(id: string): string {
  if (isName(id)) return id;
  throw new ValidationError(`a message's id must have 1 to ${MAX_NAME_LENGTH} characters`);
}
