import {
  abortable,
  type Clock,
  deadline,
  deserializeError,
  type JsonValue,
  NetworkError,
  NetworkTimeoutError,
  OverloadedError,
  toNetworkError,
  ValidationError,
} from "@net/core";
import type { Channel } from "./channel.ts";
import { textOf } from "./publications.ts";
import { isName } from "./wire/decode.ts";
import { byteLength, encode } from "./wire/encode.ts";
import type { Cancel, Req, Res } from "./wire/envelope.ts";
import { ENVELOPE_BYTES, MAX_NAME_LENGTH, MAX_REQUESTS } from "./wire/limits.ts";

export interface RequestOptions {
  /** Stops waiting, and tells the other end to stop. */
  readonly signal?: AbortSignal | undefined;
  /** For all of it, also the wait for a link, in ms. Default 30,000; Infinity for none. */
  readonly timeout?: number | undefined;
}

/** Answers one method's requests. What it throws, the other end's `request` rejects with. */
export type RequestHandler = (
  params: JsonValue | undefined,
  context: { readonly signal: AbortSignal },
) => JsonValue | undefined | PromiseLike<JsonValue | undefined>;

const DEFAULT_TIMEOUT = 30_000;

/** Requests and answers: they belong to a link, and are not kept anywhere. */
export class Calls {
  readonly #clock: Clock;
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #asked = new Map<number, PromiseWithResolvers<JsonValue | undefined>>();
  readonly #answering = new Map<number, AbortController>();
  #channel: Channel | undefined;
  #attached = Promise.withResolvers<Channel>();
  #lastId = 0;
  #end: NetworkError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#attached.promise.catch(() => {});
  }

  handle(method: string, handler: RequestHandler): () => void {
    if (this.#handlers.has(checkedMethod(method))) {
      throw new NetworkError("INVALID_STATE", `${method} has a handler already`);
    }
    this.#handlers.set(method, handler);
    return () => {
      if (this.#handlers.get(method) === handler) this.#handlers.delete(method);
    };
  }

  async request(
    method: string,
    params?: JsonValue,
    { signal, timeout = DEFAULT_TIMEOUT }: RequestOptions = {},
  ): Promise<JsonValue | undefined> {
    checkedMethod(method);
    if (params !== undefined) textOf(params);
    using limit = deadline(timeout, signal, { clock: this.#clock });
    try {
      if (this.#end) throw this.#end;
      const channel = this.#channel ?? (await abortable(this.#attached.promise, limit.signal));
      return await this.#ask(channel, method, params, limit.signal);
    } catch (error) {
      if (!NetworkTimeoutError.is(error, "DEADLINE_EXCEEDED") || limit.remainingMs() > 0)
        throw error;
      throw new NetworkTimeoutError(`${method} was not answered within ${timeout} ms`, {
        kind: "call",
        timeoutMs: timeout,
      });
    }
  }

  start(channel: Channel): void {
    this.#channel = channel;
    this.#attached.resolve(channel);
  }

  /** The link is gone: what was asked may have been done or not. */
  stop(): void {
    if (!this.#channel) return;
    this.#channel = undefined;
    this.#attached = Promise.withResolvers();
    this.#attached.promise.catch(() => {});
    for (const { reject } of this.#asked.values()) reject(unknownOutcome());
    this.#asked.clear();
    for (const controller of this.#answering.values()) controller.abort(unknownOutcome());
    this.#answering.clear();
  }

  end(error: NetworkError): void {
    this.#end ??= error;
    this.stop();
    this.#attached.reject(error);
  }

  /** An answer. One that nobody waits for any more is dropped. */
  answered({ id, result, error }: Res): void {
    const asked = this.#asked.get(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(deserializeError(error));
  }

  cancelled({ id }: Cancel): void {
    this.#answering.get(id)?.abort(new NetworkError("ABORTED", "the other end cancelled it"));
  }

  asked({ id, method, params }: Req): void {
    const channel = this.#channel;
    if (!channel) return;
    if (this.#answering.has(id)) {
      throw new NetworkError("PROTOCOL_ERROR", `request ${id} is under way already`);
    }
    if (this.#answering.size >= MAX_REQUESTS) {
      const full = new OverloadedError(`${MAX_REQUESTS} requests are under way already`);
      channel.send(encode({ kind: "res", id, error: full.toJSON() }));
      return;
    }
    const controller = new AbortController();
    this.#answering.set(id, controller);
    void this.#answer(
      channel,
      { kind: "req", id, method, ...(params !== undefined && { params }) },
      controller,
    );
  }

  async #ask(
    channel: Channel,
    method: string,
    params: JsonValue | undefined,
    signal: AbortSignal,
  ): Promise<JsonValue | undefined> {
    if (this.#asked.size >= MAX_REQUESTS) {
      throw new OverloadedError(`${MAX_REQUESTS} requests are under way already`);
    }
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<JsonValue | undefined>();
    const envelope = encode({ kind: "req", id, method, ...(params !== undefined && { params }) });
    assertFits(envelope, channel);
    this.#asked.set(id, asked);
    channel.send(envelope);
    try {
      return await abortable(asked.promise, signal);
    } catch (error) {
      if (signal.aborted && this.#asked.has(id)) channel.send(encode({ kind: "cancel", id }));
      throw error;
    } finally {
      this.#asked.delete(id);
    }
  }

  async #answer(
    channel: Channel,
    { id, method, params }: Req,
    controller: AbortController,
  ): Promise<void> {
    let answer: string;
    try {
      const handler = this.#handlers.get(method);
      if (!handler) throw new NetworkError("NOT_FOUND", `nobody handles ${method}`);
      const result = await handler(params, { signal: controller.signal });
      if (result !== undefined) textOf(result);
      answer = encode({ kind: "res", id, ...(result !== undefined && { result }) });
      assertFits(answer, channel);
    } catch (error) {
      answer = encode({ kind: "res", id, error: told(error).toJSON() });
    }
    if (this.#answering.get(id) !== controller) return;
    this.#answering.delete(id);
    channel.send(answer);
  }
}

/** A handler's own kinds of errors stay here: they may say what is nobody's business. */
function told(error: unknown): NetworkError {
  if (NetworkError.is(error)) return error;
  const converted = toNetworkError(error);
  if (converted.code !== "INTERNAL") return converted;
  return new NetworkError("REMOTE_ERROR", "the handler failed");
}

function assertFits(envelope: string, { maxFrameBytes }: Channel): void {
  const bytes = byteLength(envelope);
  if (bytes + ENVELOPE_BYTES <= maxFrameBytes) return;
  throw new ValidationError(`${bytes} bytes do not fit a frame of ${maxFrameBytes}`, {
    code: "FRAME_TOO_LARGE",
  });
}

function checkedMethod(method: string): string {
  if (isName(method)) return method;
  throw new ValidationError(`a method's name must have 1 to ${MAX_NAME_LENGTH} characters`);
}

function unknownOutcome(): NetworkError {
  return new NetworkError("OUTCOME_UNKNOWN", "the link ended before the answer came");
}
