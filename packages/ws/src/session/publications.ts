import {
  abortable,
  type JsonValue,
  type NetworkError,
  throwIfAborted,
  toNetworkError,
  ValidationError,
} from "@net/core";
import type { NewMessage, SessionStore } from "./store/store.ts";
import { isName, isShallow } from "./wire/decode.ts";
import { byteLength } from "./wire/encode.ts";
import { MAX_DEPTH, MAX_NAME_LENGTH } from "./wire/limits.ts";

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
  /** Called when the store has taken messages. */
  readonly onAppended: () => void;
  /** Called when nobody waits any more. */
  readonly onIdle?: () => void;
}

interface Publication extends NewMessage {
  readonly taken: PromiseWithResolvers<void>;
  readonly signal: AbortSignal | undefined;
}

interface Waiter extends PromiseWithResolvers<void> {
  /** How many calls wait. */
  calls: number;
}

/** Messages on their way into the store, those of a tick together, and who waits for their being committed. */
export class Publications {
  readonly #options: PublicationsOptions;
  readonly #waiters = new Map<string, Waiter>();
  #batch: Publication[] = [];
  #isAppending = false;
  #end: NetworkError | undefined;

  constructor(options: PublicationsOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#waiters.size === 0 && this.#batch.length === 0 && !this.#isAppending;
  }

  /** Resolves when the store has taken the message. */
  async enqueue(body: JsonValue, { id = randomId(), signal }: PublishOptions = {}): Promise<void> {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
    const text = textOf(body);
    const message = { id: checkedId(id), body: text, bytes: this.#sizeOf(text) };
    await abortable(this.#take(message, signal), signal);
  }

  /** Resolves when the other end has committed the message. */
  async publish(body: JsonValue, { id = randomId(), signal }: PublishOptions = {}): Promise<void> {
    throwIfAborted(signal);
    const waiter = this.#waiters.get(id) ?? { ...Promise.withResolvers<void>(), calls: 0 };
    this.#waiters.set(id, waiter);
    waiter.calls++;
    // Taking the message may fail first; then nobody looks at this one.
    waiter.promise.catch(() => {});
    try {
      await this.enqueue(body, { id, signal });
      await abortable(waiter.promise, signal);
    } finally {
      if (--waiter.calls === 0) this.#forget(id);
    }
  }

  /** The other end has committed these. */
  committed(ids: readonly string[]): void {
    for (const id of ids) {
      this.#waiters.get(id)?.resolve();
      this.#forget(id);
    }
  }

  /** Nobody will deliver what waits. */
  end(error: NetworkError): void {
    this.#end ??= error;
    for (const [id, waiter] of [...this.#waiters]) {
      waiter.reject(error);
      this.#forget(id);
    }
  }

  #take(message: NewMessage, signal: AbortSignal | undefined): Promise<void> {
    const taken = Promise.withResolvers<void>();
    this.#batch.push({ ...message, taken, signal });
    if (!this.#isAppending) {
      this.#isAppending = true;
      queueMicrotask(() => void this.#append());
    }
    return taken.promise;
  }

  /** One batch at a time: what comes meanwhile makes the next. */
  async #append(): Promise<void> {
    const { session, store, maxWaiting, onAppended } = this.#options;
    while (this.#batch.length > 0) {
      const batch = this.#batch.filter(({ signal }) => !signal?.aborted);
      this.#batch = [];
      try {
        const messages = batch.map(({ id, body, bytes }) => ({ id, body, bytes }));
        await store.append(session, messages, maxWaiting);
        for (const { taken } of batch) taken.resolve();
        onAppended();
      } catch (error) {
        for (const { taken } of batch) taken.reject(toNetworkError(error));
      }
    }
    this.#isAppending = false;
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

  #forget(id: string): void {
    this.#waiters.delete(id);
    if (this.isIdle) this.#options.onIdle?.();
  }
}

/** @throws ValidationError unless it is JSON that is not too deep. */
export function textOf(value: JsonValue): string {
  const text: string | undefined = isShallow(value) ? JSON.stringify(value) : undefined;
  if (text !== undefined) return text;
  throw new ValidationError(`a body must be JSON, at most ${MAX_DEPTH} arrays or objects deep`);
}

function checkedId(id: string): string {
  if (isName(id)) return id;
  throw new ValidationError(`a message's id must have 1 to ${MAX_NAME_LENGTH} characters`);
}

/** 128 random bits: no two messages ever made have the same. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
