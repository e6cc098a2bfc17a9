import {
  abortable,
  type Clock,
  deadline,
  deserializeError,
  type JsonValue,
  type NetworkError,
  NetworkTimeoutError,
  OverloadedError,
} from "@net/core";
import { Answers, type RequestHandler } from "./answers.ts";
import type { Channel } from "./channel.ts";
import { assertFits, checkedMethod, unknownOutcome } from "./request-rules.ts";
import { textOf } from "./text.ts";
import { encode } from "./wire/encode.ts";
import type { Cancel, Req, Res } from "./wire/envelope.ts";
import { MAX_REQUESTS } from "./wire/limits.ts";

export interface RequestOptions {
  /** Stops waiting, and tells the other end to stop. */
  readonly signal?: AbortSignal | undefined;
  /** For all of it, also the wait for a link, in ms. Default 30,000; Infinity for none. */
  readonly timeout?: number | undefined;
}

const DEFAULT_TIMEOUT = 30_000;

/** Requests and answers: they belong to a link, and are not kept anywhere. */
export class Calls {
  readonly #clock: Clock;
  /** There once somebody answers, or was asked. */
  #answers: Answers | undefined;
  /** There once something was asked. */
  #asked: Map<number, PromiseWithResolvers<JsonValue | undefined>> | undefined;
  #channel: Channel | undefined;
  /** There if somebody waits for a link. */
  #attached: PromiseWithResolvers<Channel> | undefined;
  #lastId = 0;
  #end: NetworkError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  handle(method: string, handler: RequestHandler): () => void {
    this.#answers ??= new Answers();
    return this.#answers.handle(method, handler);
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
      const channel = this.#channel ?? (await abortable(this.#nextChannel(), limit.signal));
      return await this.#ask(channel, method, params, limit.signal);
    } catch (error) {
      const isLate = NetworkTimeoutError.is(error, "DEADLINE_EXCEEDED") && limit.remainingMs() <= 0;
      throw isLate ? notAnswered(method, timeout) : error;
    }
  }

  start(channel: Channel): void {
    this.#channel = channel;
    this.#attached?.resolve(channel);
    this.#attached = undefined;
  }

  /** The link is gone: what was asked may have been done or not. */
  stop(): void {
    if (!this.#channel) return;
    this.#channel = undefined;
    for (const { reject } of this.#asked?.values() ?? []) reject(unknownOutcome());
    this.#asked?.clear();
    this.#answers?.stop();
  }

  end(error: NetworkError): void {
    this.#end ??= error;
    this.stop();
    this.#attached?.reject(error);
    this.#attached = undefined;
  }

  #nextChannel(): Promise<Channel> {
    this.#attached ??= Promise.withResolvers();
    return this.#attached.promise;
  }

  /** An answer. One that nobody waits for any more is dropped. */
  answered({ id, result, error }: Res): void {
    const asked = this.#asked?.get(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(deserializeError(error));
  }

  cancelled(cancel: Cancel): void {
    this.#answers?.cancelled(cancel);
  }

  asked(request: Req): void {
    if (!this.#channel) return;
    this.#answers ??= new Answers();
    this.#answers.asked(request, this.#channel);
  }

  async #ask(
    channel: Channel,
    method: string,
    params: JsonValue | undefined,
    signal: AbortSignal,
  ): Promise<JsonValue | undefined> {
    this.#asked ??= new Map();
    if (this.#asked.size >= MAX_REQUESTS) {
      throw new OverloadedError(`${MAX_REQUESTS} requests are under way already`);
    }
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<JsonValue | undefined>();
    const envelope = encode({ kind: "req", id, method, ...(params !== undefined && { params }) });
    assertFits(envelope, channel);
    this.#asked.set(id, asked);
    try {
      if (!channel.hasRoomFor(envelope)) await abortable(channel.roomFor(envelope), signal);
      channel.send(envelope);
      return await abortable(asked.promise, signal);
    } catch (error) {
      if (signal.aborted && this.#asked.has(id)) channel.send(encode({ kind: "cancel", id }));
      throw error;
    } finally {
      this.#asked.delete(id);
    }
  }
}

function notAnswered(method: string, timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`${method} was not answered within ${timeoutMs} ms`, {
    kind: "call",
    timeoutMs,
  });
}
