import {
  type CloseReason,
  type Link,
  Liveness,
  type NetworkError,
  ProtocolError,
  type SaidCloseCode,
  type Timer,
  toNetworkError,
} from "@net/core";
import { withRetryHint } from "../socket/retry-hint.ts";
import { type ChannelEnd, endOfBye, endOfLink } from "./channel-end.ts";
import type { ChannelOptions, ChannelSender } from "./channel-options.ts";
import { FrameWriter, type FrameWriterOwner } from "./frame-writer.ts";
import { decodeFrame } from "./wire/decode.ts";
import { encode } from "./wire/encode.ts";
import type { Bye } from "./wire/envelope.ts";
import { MAX_HELLO_BYTES, SILENT_PINGS } from "./wire/limits.ts";

/** Envelopes over one link, until it ends; one that is silent or stalled is given up. */
export class Channel implements FrameWriterOwner {
  readonly ended: Promise<ChannelEnd>;
  readonly #options: ChannelOptions;
  readonly #link: Link;
  readonly #writer: FrameWriter;
  /** Is told when there is room again. */
  sender: ChannelSender | undefined;
  #isOver = false;
  #isGreeted = false;
  #liveness: Liveness | undefined;
  #held: Timer | undefined;
  #bye: Bye | undefined;
  #failure: NetworkError | undefined;

  constructor(options: ChannelOptions) {
    const { link } = options;
    this.#options = options;
    this.#link = link;
    this.#writer = new FrameWriter(options, this);
    this.ended = link.closed.then((reason) => {
      const end = this.#finish(reason);
      options.owner.onEnded?.(end);
      return end;
    });
    link.receive((frame) => this.#receive(frame));
  }

  get maxFrameBytes(): number {
    return this.#link.maxFrameBytes;
  }

  /** False while messages should wait: the link is full, or over. */
  get writable(): boolean {
    return this.#writer.writable;
  }

  /** Whether an envelope that no store keeps may still wait here while the link is full. */
  hasRoomFor(envelope: string): boolean {
    return this.#writer.hasRoomFor(envelope);
  }

  /** Resolves when it may, or the link is over. */
  roomFor(envelope: string): Promise<void> {
    return this.#writer.roomFor(envelope);
  }

  /** From now on both ends give signs of life, as often as they said. */
  greeted(pingMs: number, peerPingMs: number): void {
    this.#isGreeted = true;
    if (this.#isOver) return;
    this.#liveness = new Liveness({
      clock: this.#options.clock,
      period: pingMs,
      timeout: SILENT_PINGS * peerPingMs,
      ask: () => this.#ping(),
      onSilence: () => this.lose("the other end was silent"),
    });
    if (this.#held) this.#liveness.pause();
  }

  /** Takes an encoded envelope; it leaves with the others of this moment. Once the link is over, nothing does. */
  send(envelope: string): void {
    this.#writer.write(envelope);
  }

  /** All up to `seq` is committed: said soon, and only the last of what is said soon. */
  acknowledge(seq: number): void {
    this.#writer.acknowledge(seq);
  }

  /** What was taken leaves now, as far as the link has room. */
  flush(): void {
    this.#writer.flush();
  }

  /** Reads nothing for so many milliseconds: whoever sends too fast is held back by his link. */
  hold(delay: number): void {
    if (this.#held || this.#isOver) return;
    this.#link.pause();
    this.#liveness?.pause();
    const goOn = (): void => {
      this.#held = undefined;
      this.#liveness?.resume();
      this.#link.resume();
    };
    this.#held = this.#options.clock.setTimeout(goOn, delay, { background: true });
  }

  /** Says goodbye, and ends the link politely. */
  async bye(code: SaidCloseCode, message: string, retryAfterMs?: number): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const hint = retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) };
    this.#writer.finish(encode({ kind: "bye", code, message, ...hint }));
    const reason = retryAfterMs === undefined ? message : withRetryHint(message, retryAfterMs);
    await this.#link.close({ code, message: reason });
  }

  onRoom(): void {
    this.sender?.onRoom();
  }

  onStalled(): void {
    void this.bye("overloaded", "this end is not read");
  }

  onLost(): void {
    this.lose("a frame could not be sent");
  }

  /** The other end broke the protocol, or something failed here: it is told what is its business. */
  fail(cause: unknown): void {
    if (this.#isOver) return;
    this.#failure = toNetworkError(cause);
    const { code, message } = this.#failure;
    if (code === "PROTOCOL_ERROR") void this.bye("protocol-error", message);
    else if (code === "FRAME_TOO_LARGE") void this.bye("too-large", message);
    else void this.bye("internal", "this end failed");
  }

  /** Gives the link up; whoever dialled comes back. */
  lose(message: string): void {
    this.#end();
    this.#link.abort({ code: "lost", message });
  }

  #receive(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#liveness?.heard();
    try {
      if (!this.#isGreeted && frame.byteLength > MAX_HELLO_BYTES) throw tooLong(frame.byteLength);
      const envelopes = decodeFrame(frame);
      this.#options.owner.onFrame(envelopes, frame.byteLength);
      const bye = envelopes.find(({ kind }) => kind === "bye");
      if (bye) this.#leave(bye as Bye);
    } catch (error) {
      this.fail(error);
    }
  }

  /** A link that is full shows that this end lives; pings would only wait in it. */
  #ping(): void {
    if (this.writable) this.send(encode({ kind: "ping" }));
  }

  #leave(bye: Bye): void {
    this.#bye = bye;
    this.#end();
    void this.#link.close();
  }

  #end(): void {
    this.#isOver = true;
    this.#writer.end();
  }

  #finish(reason: CloseReason): ChannelEnd {
    this.#end();
    this.#liveness?.[Symbol.dispose]();
    this.#held?.cancel();
    if (this.#failure) return { ...reason, error: this.#failure };
    return this.#bye ? endOfBye(this.#bye) : endOfLink(reason);
  }
}

function tooLong(bytes: number): ProtocolError {
  return new ProtocolError(`the first frame has ${bytes} bytes, more than ${MAX_HELLO_BYTES}`);
}
