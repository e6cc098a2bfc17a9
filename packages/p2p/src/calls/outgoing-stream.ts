import type { AbortScope } from "@net/core";
import { SendCredit } from "@net/qos";
import type { Channel } from "../channel/channel.ts";
import { EndKind, encodeValue } from "../wire/calls.ts";
import { STREAM_WINDOW_BYTES } from "./stream-window.ts";

/** How urgent the chunks of streams are. */
const STREAM = "stream";

/** What the callee sends of a call's stream: as fast as the caller reads it. */
export class OutgoingStream {
  readonly #channel: Channel;
  readonly #call: number;
  readonly #scope: AbortScope;
  #credit: SendCredit | undefined = new SendCredit(STREAM_WINDOW_BYTES);
  #hasSent = false;

  /** @param scope ends the waiting for credit. */
  constructor(channel: Channel, call: number, scope: AbortScope) {
    this.#channel = channel;
    this.#call = call;
    this.#scope = scope;
  }

  /**
   * Sends a chunk as soon as the caller has room for it.
   *
   * @throws ValidationError if it cannot travel; AbortedError when the call is over; as the channel's `send`.
   */
  async send(value: unknown): Promise<void> {
    if (!this.#credit) return;
    const chunk = encodeValue(EndKind.chunk, this.#call, value);
    const { byteLength } = chunk;
    if (!this.#credit.tryTake(byteLength)) {
      await this.#credit.take(byteLength, { signal: this.#scope.signal });
    }
    this.#hasSent = true;
    // How much waits is the caller's to limit, by its credit.
    await this.#channel.post(chunk, STREAM, { signal: this.#scope.signal, refusable: false });
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
}
