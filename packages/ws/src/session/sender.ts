import { ProtocolError, ValidationError } from "@net/core";
import type { Channel } from "./channel.ts";
import type { SessionStore, WaitingMessage } from "./store/store.ts";
import { encodeMessage } from "./wire/encode.ts";
import type { Terms } from "./wire/envelope.ts";
import { ENVELOPE_BYTES } from "./wire/limits.ts";

export interface SenderOptions {
  readonly session: string;
  readonly epoch: string;
  readonly store: SessionStore;
  readonly channel: Channel;
  readonly peer: Terms;
  /** Called with the ids that the other end has committed. */
  readonly onCommitted: (ids: readonly string[]) => void;
  /** Called with what failed here; the link ends then. */
  readonly onFailure: (error: unknown) => void;
}

/** Sends what waits in the store over one link, as far as the other end's window and the link have room. */
export class Sender {
  readonly #options: SenderOptions;
  /** Sent and not acknowledged, in order. */
  readonly #underWay: { readonly seq: number; readonly bytes: number }[] = [];
  #bytes = 0;
  #sent: number;
  #acked: number;
  #isPumping = false;
  #pumping: Promise<void> = Promise.resolve();
  #isWoken = false;
  #isStopped = false;
  #forgetting: Promise<void> | undefined;
  #forgotten: number;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#sent = options.peer.received;
    this.#acked = options.peer.cursor;
    this.#forgotten = 0;
  }

  start(): void {
    this.#options.channel.onWritable = () => this.wake();
    this.#forget();
    this.wake();
  }

  /** Nothing more is sent. Resolves when the store is no longer used. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pumping;
    await this.#forgetting;
  }

  /** There may be something to send, or room to send it. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    this.#pumping = this.#pump().catch((error: unknown) => this.#fail(error));
  }

  /** The other end has committed all up to `seq`. @throws ProtocolError if that was not sent. */
  acknowledged(seq: number): void {
    if (seq > this.#sent) {
      throw new ProtocolError(`message ${seq} was acknowledged, and only ${this.#sent} were sent`);
    }
    if (seq <= this.#acked) return;
    this.#acked = seq;
    let gone = 0;
    for (const { seq: each, bytes } of this.#underWay) {
      if (each > seq) break;
      gone++;
      this.#bytes -= bytes;
    }
    this.#underWay.splice(0, gone);
    this.#forget();
    this.wake();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false;
        while (this.#hasRoom()) {
          const { session, epoch, store } = this.#options;
          const offer = await store.offer(session, epoch, this.#sent, this.#room());
          if (offer.length === 0) break;
          for (const message of offer) this.#send(message);
        }
      }
    } finally {
      this.#isPumping = false;
    }
  }

  #hasRoom(): boolean {
    if (this.#isStopped) return false;
    const { channel, peer } = this.#options;
    const isEmpty = this.#sent === this.#acked;
    const fits = this.#sent - this.#acked < peer.windowMessages;
    return channel.writable && fits && (isEmpty || this.#bytes < peer.windowBytes);
  }

  #room(): { messages: number; bytes: number } {
    const { windowMessages, windowBytes } = this.#options.peer;
    return {
      messages: windowMessages - (this.#sent - this.#acked),
      bytes: windowBytes - this.#bytes,
    };
  }

  #send({ seq, id, body, bytes, redelivered }: WaitingMessage): void {
    const { channel, peer } = this.#options;
    const { maxFrameBytes } = channel;
    if (bytes > peer.maxMessageBytes || bytes + ENVELOPE_BYTES > maxFrameBytes) {
      throw new ValidationError(`message ${seq} is larger than the other end or the link takes`, {
        code: "FRAME_TOO_LARGE",
      });
    }
    channel.send(encodeMessage(seq, id, body, redelivered));
    this.#sent = seq;
    this.#underWay.push({ seq, bytes });
    this.#bytes += bytes;
  }

  /** Tells the store what is acknowledged, the latest number only. */
  #forget(): void {
    this.#forgetting ??= this.#forgetAll()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#forgetting = undefined;
      });
  }

  async #forgetAll(): Promise<void> {
    const { session, epoch, store, onCommitted } = this.#options;
    while (this.#forgotten < this.#acked && !this.#isStopped) {
      const seq = this.#acked;
      onCommitted(await store.acknowledge(session, epoch, seq));
      this.#forgotten = seq;
    }
  }

  #fail(error: unknown): void {
    if (!this.#isStopped) this.#options.onFailure(error);
  }
}
