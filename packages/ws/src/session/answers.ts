import { type JsonValue, NetworkError, OverloadedError, toNetworkError } from "@net/core";
import type { Channel } from "./channel.ts";
import { assertFits, checkedMethod, unknownOutcome } from "./request-rules.ts";
import { textOf } from "./text.ts";
import { encode } from "./wire/encode.ts";
import type { Cancel, Req } from "./wire/envelope.ts";
import { MAX_REQUESTS } from "./wire/limits.ts";

/** Answers one method's requests. What it throws, the other end's `request` rejects with. */
export type RequestHandler = (
  params: JsonValue | undefined,
  context: { readonly signal: AbortSignal },
) => JsonValue | undefined | PromiseLike<JsonValue | undefined>;

/** The other end's requests, and who answers them. */
export class Answers {
  // Most sessions of a server have no handler, and no request under way.
  #handlers: Map<string, RequestHandler> | undefined;
  #underWay: Map<number, AbortController> | undefined;

  handle(method: string, handler: RequestHandler): () => void {
    this.#handlers ??= new Map();
    const handlers = this.#handlers;
    if (handlers.has(checkedMethod(method))) {
      throw new NetworkError("INVALID_STATE", `${method} has a handler already`);
    }
    handlers.set(method, handler);
    return () => {
      if (handlers.get(method) === handler) handlers.delete(method);
    };
  }

  /** @throws ProtocolError if the request's id is in use. */
  asked({ id, method, params }: Req, channel: Channel): void {
    this.#underWay ??= new Map();
    if (this.#underWay.has(id)) {
      throw new NetworkError("PROTOCOL_ERROR", `request ${id} is under way already`);
    }
    if (this.#underWay.size >= MAX_REQUESTS) {
      const full = new OverloadedError(`${MAX_REQUESTS} requests are under way already`);
      refuse(channel, encode({ kind: "res", id, error: full.toJSON() }));
      return;
    }
    const controller = new AbortController();
    this.#underWay.set(id, controller);
    void this.#answer(channel, id, controller, () => this.#handled(method, params, controller));
  }

  cancelled({ id }: Cancel): void {
    this.#underWay?.get(id)?.abort(new NetworkError("ABORTED", "the other end cancelled it"));
  }

  /** The link is gone: nobody waits for an answer any more. */
  stop(): void {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    for (const controller of underWay?.values() ?? []) controller.abort(unknownOutcome());
  }

  async #handled(
    method: string,
    params: JsonValue | undefined,
    { signal }: AbortController,
  ): Promise<JsonValue | undefined> {
    const handler = this.#handlers?.get(method);
    if (!handler) throw new NetworkError("NOT_FOUND", `nobody handles ${method}`);
    const result = await handler(params, { signal });
    if (result !== undefined) textOf(result);
    return result;
  }

  async #answer(
    channel: Channel,
    id: number,
    controller: AbortController,
    handled: () => Promise<JsonValue | undefined>,
  ): Promise<void> {
    let answer: string;
    try {
      const result = await handled();
      answer = encode({ kind: "res", id, ...(result !== undefined && { result }) });
      assertFits(answer, channel);
    } catch (error) {
      answer = encode({ kind: "res", id, error: told(error).toJSON() });
    }
    // As long as it waits it counts as under way, so that there are not more of them than that.
    if (!channel.hasRoomFor(answer)) await channel.roomFor(answer);
    if (this.#underWay?.get(id) !== controller) return;
    this.#underWay.delete(id);
    channel.send(answer);
  }
}

/** Whoever asks more than he may, and reads no answer, is sent away. */
function refuse(channel: Channel, answer: string): void {
  if (channel.hasRoomFor(answer)) channel.send(answer);
  else void channel.bye("overloaded", "answers are not read");
}

/** A handler's own kinds of errors stay here: they may say what is nobody's business. */
function told(error: unknown): NetworkError {
  if (NetworkError.is(error)) return error;
  const converted = toNetworkError(error);
  if (converted.code !== "INTERNAL") return converted;
  return new NetworkError("REMOTE_ERROR", "the handler failed");
}
