import {
  type Clock,
  type CloseReason,
  type Link,
  NetworkError,
  type SaidCloseCode,
  toNetworkError,
} from "@net/core";
import { Liveness } from "../client/liveness.ts";
import { decodeFrame } from "./wire/decode.ts";
import { encode, encodeFrame } from "./wire/encode.ts";
import type { Bye, Envelope } from "./wire/envelope.ts";
import { MAX_HELLO_BYTES, SILENT_PINGS } from "./wire/limits.ts";

/** Why a link ended, as far as it matters to a session. */
export interface ChannelEnd extends CloseReason {
  readonly retryAfterMs?: number;
}

export interface ChannelOptions {
  readonly link: Link;
  readonly clock: Clock;
  /** Called with the envelopes of each frame. What it throws ends the link. */
  readonly onFrame: (envelopes: readonly Envelope[], bytes: number) => void;
}

/** Envelopes over one link: those of a tick leave together, and a link that is silent is given up. */
export class Channel {
  readonly ended: Promise<ChannelEnd>;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #onFrame: ChannelOptions["onFrame"];
  /** Called when there is room again. */
  onWritable: () => void = () => {};
  #batch: string[] = [];
  #ackSeq: number | undefined;
  #isScheduled = false;
  #isBlocked = false;
  #isOver = false;
  #isGreeted = false;
  #liveness: Liveness | undefined;
  #bye: Bye | undefined;
  #failure: NetworkError | undefined;

  constructor({ link, clock, onFrame }: ChannelOptions) {
    this.#link = link;
    this.#clock = clock;
    this.#onFrame = onFrame;
    this.ended = link.closed.then((reason) => this.#finish(reason));
    link.receive((frame) => this.#receive(frame));
  }

  get maxFrameBytes(): number {
    return this.#link.maxFrameBytes;
  }

  /** False while messages should wait: the link is full, or over. */
  get writable(): boolean {
    return !this.#isBlocked && !this.#isOver;
  }

  /** From now on both ends give signs of life, as often as they said. */
  greeted(pingMs: number, peerPingMs: number): void {
    this.#isGreeted = true;
    if (this.#isOver) return;
    this.#liveness = new Liveness({
      clock: this.#clock,
      period: pingMs,
      timeout: SILENT_PINGS * peerPingMs,
      ask: () => this.send(encode({ kind: "ping" })),
      onSilence: () => this.lose("the other end was silent"),
    });
  }

  /** Takes an encoded envelope; it leaves with the others of this tick. Once the link is over, nothing does. */
  send(envelope: string): void {
    if (this.#isOver) return;
    this.#batch.push(envelope);
    this.#schedule();
  }

  /** Only the last acknowledgement of a tick travels. */
  acknowledge(seq: number): void {
    this.#ackSeq = seq;
    this.#schedule();
  }

  /** Says goodbye, and ends the link politely. */
  async bye(code: SaidCloseCode, message: string, retryAfterMs?: number): Promise<void> {
    this.#isBlocked = false;
    this.send(
      encode({ kind: "bye", code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }),
    );
    this.#flush();
    this.#isOver = true;
    await this.#link.close({ code, message });
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
    this.#isOver = true;
    this.#link.abort({ code: "lost", message });
  }

  #receive(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#liveness?.heard();
    try {
      if (!this.#isGreeted && frame.byteLength > MAX_HELLO_BYTES) throw tooLong(frame.byteLength);
      const envelopes = decodeFrame(frame);
      this.#onFrame(envelopes, frame.byteLength);
      const bye = envelopes.find(({ kind }) => kind === "bye");
      if (bye) this.#leave(bye as Bye);
    } catch (error) {
      this.fail(error);
    }
  }

  #leave(bye: Bye): void {
    this.#bye = bye;
    this.#isOver = true;
    void this.#link.close();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isBlocked || this.#isOver) return;
    if (this.#ackSeq !== undefined) this.#batch.push(encode({ kind: "ack", seq: this.#ackSeq }));
    this.#ackSeq = undefined;
    try {
      for (const frame of this.#frames()) if (!this.#link.send(frame)) this.#block();
    } catch {
      // A link that takes no frame has ended, or is about to: `closed` says why.
      this.lose("a frame could not be sent");
    }
  }

  /** The batch, in as few frames as the link's limit allows. */
  *#frames(): Generator<Uint8Array> {
    const batch = this.#batch;
    this.#batch = [];
    let start = 0;
    let size = 2;
    for (let i = 0; i < batch.length; i++) {
      // A UTF-16 unit is at most three bytes of UTF-8.
      const next = (batch[i] as string).length * 3 + 1;
      if (i > start && size + next > this.maxFrameBytes) {
        yield encodeFrame(batch.slice(start, i));
        start = i;
        size = 2;
      }
      size += next;
    }
    if (start < batch.length) yield encodeFrame(start === 0 ? batch : batch.slice(start));
  }

  #block(): void {
    if (this.#isBlocked) return;
    this.#isBlocked = true;
    const unblock = (): void => {
      this.#isBlocked = false;
      this.#flush();
      if (this.writable) this.onWritable();
    };
    // The link died: `closed` says so.
    this.#link.drained().then(unblock, () => {});
  }

  #finish(reason: CloseReason): ChannelEnd {
    this.#isOver = true;
    this.#liveness?.[Symbol.dispose]();
    this.#batch = [];
    if (this.#failure) return { ...reason, error: this.#failure };
    if (!this.#bye) return reason;
    const { code, message = "", retryAfterMs } = this.#bye;
    return { code, message, remote: true, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}

function tooLong(bytes: number): NetworkError {
  return new NetworkError(
    "PROTOCOL_ERROR",
    `the first frame has ${bytes} bytes, more than ${MAX_HELLO_BYTES}`,
  );
}
