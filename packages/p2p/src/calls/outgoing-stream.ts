import type { AbortScope } from "@net/core";
import { SendCredit } from "@net/qos";
import type { Channel } from "../channel/channel.ts";
import { ChunkEncoder } from "../wire/chunk.ts";
import { type MessageParts, sizeOf } from "../wire/parts.ts";
import { STREAM_WINDOW_BYTES } from "./stream-window.ts";

/** How urgent the chunks of streams are. */
const STREAM = "stream";

/** What the callee sends of a call's stream: as fast as the caller reads it. */
export class OutgoingStream {
  readonly #channel: Channel;
  readonly #encoder: ChunkEncoder;
  readonly #scope: AbortScope;
  #credit: SendCredit | undefined = new SendCredit(STREAM_WINDOW_BYTES);
  #hasSent = false;

  /** @param scope ends the waiting for credit. */
  constructor(channel: Channel, call: number, scope: AbortScope) {
    this.#channel = channel;
    this.#encoder = new ChunkEncoder(call);
    this.#scope = scope;
  }

  /**
   * Sends a chunk as soon as the caller has room for it: at once and without a promise, if it has. Bytes are copied when this
   * has returned or resolved, and are the tool's again.
   *
   * @throws, or rejects with, ValidationError if it cannot travel; AbortedError when the call is over; as the channel's `stream`.
   */
  send(value: unknown): Promise<void> | undefined {
    if (!this.#credit) return undefined;
    const chunk = this.#encoder.encode(value);
    if (!this.#credit.tryTake(sizeOf(chunk))) return this.#sendLater(chunk, this.#credit);
    return this.#post(chunk);
  }

  /** How urgent the end of the call is: it must not overtake the chunks, and what waits keeps its order only within one type. */
  answerType(type: string): string {
    return this.#hasSent ? STREAM : type;
  }

  /** @param limitBytes undefined: the caller wants nothing of it. @throws ProtocolError */
  window(limitBytes: number | undefined): void {
    if (limitBytes !== undefined) {
      this.#credit?.granted(limitBytes);
      return;
    }
    const credit = this.#credit;
    this.#credit = undefined;
    // Who waits for credit goes on.
    credit?.granted(Number.MAX_SAFE_INTEGER);
  }

  async #sendLater(chunk: MessageParts, credit: SendCredit): Promise<void> {
    await credit.take(sizeOf(chunk), { signal: this.#scope.signal });
    await this.#post(chunk);
  }

  #post(chunk: MessageParts): Promise<void> | undefined {
    this.#hasSent = true;
    return this.#channel.stream(chunk, STREAM, this.#scope.signal);
  }
}
