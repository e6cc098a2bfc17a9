import { ProtocolError, ValidationError } from "@net/core";
import type { Channel } from "./channel.ts";
import type { ChannelSender } from "./channel-options.ts";
import type { CommitListener } from "./exchange.ts";
import { endOfRun } from "./runs.ts";
import type { SessionStore, WaitingMessage } from "./store/store.ts";
import { nextTurn } from "./tick.ts";
import { encodeMessage, encodeRun } from "./wire/encode.ts";
import type { Terms } from "./wire/envelope.ts";
import { ENVELOPE_BYTES, MAX_BATCH_BYTES } from "./wire/limits.ts";

export interface SenderOptions {
  readonly session: string;
  readonly epoch: string;
  readonly store: SessionStore;
  readonly channel: Channel;
  readonly peer: Terms;
  readonly listener: CommitListener;
}

/** What nothing waits for: one for all senders that do nothing. */
const idle = Promise.resolve();

/** Measured with 64 and with 256 messages under way: fewer parts leave an end idle, more cost more system calls. */
const PARTS = 4;
const MIN_PART = 16;

/**
 * Sends what waits in the store over one link, as far as the other end's window and the link have room. The store is
 * the only queue: what a slow reader does not take is read from there when he does.
 */
export class Sender implements ChannelSender {
  readonly #options: SenderOptions;
  /** How large the messages are that were sent over this link and not acknowledged, up to `sent`; and all together. */
  readonly #underWay: number[] = [];
  #bytes = 0;
  #sent: number;
  #acked: number;
  #forgotten = 0;
  /** Whether the store may have more than was sent. */
  #mayWait = true;
  #isPumping = false;
  #pumping: Promise<void> = idle;
  #isForgetting = false;
  #forgetting: Promise<void> = idle;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#sent = options.peer.received;
    this.#acked = options.peer.cursor;
  }

  start(): void {
    this.#options.channel.sender = this;
    this.#forget();
    this.#resume();
  }

  /** Resolves when the store is no longer used. The link is over by then, and nothing is sent any more. */
  async settled(): Promise<void> {
    await this.#pumping;
    await this.#forgetting;
  }

  onRoom(): void {
    this.#resume();
  }

  /** There are new messages in the store. */
  wake(): void {
    this.#mayWait = true;
    this.#resume();
  }

  /** The other end has committed all up to `seq`. @throws ProtocolError if that was not sent. */
  acknowledged(seq: number): void {
    if (seq > this.#sent) {
      throw new ProtocolError(`message ${seq} was acknowledged, and only ${this.#sent} were sent`);
    }
    if (seq <= this.#acked) return;
    this.#acked = seq;
    const gone = Math.max(0, this.#underWay.length - (this.#sent - seq));
    for (const bytes of this.#underWay.splice(0, gone)) this.#bytes -= bytes;
    this.#forget();
    this.#resume();
  }

  /** There may be room again. */
  #resume(): void {
    if (this.#isPumping || !this.#mayWait || !this.#hasRoom()) return;
    this.#isPumping = true;
    this.#pumping = this.#pump().catch((error: unknown) => this.#fail(error));
  }

  async #pump(): Promise<void> {
    try {
      while (this.#mayWait && this.#hasRoom()) await this.#sendSome();
    } finally {
      this.#isPumping = false;
    }
  }

  async #sendSome(): Promise<void> {
    const { session, epoch, store, channel } = this.#options;
    // Whoever appends meanwhile says so anew.
    this.#mayWait = false;
    const offer = await store.offer(session, epoch, this.#sent, this.#room());
    if (offer.length > 0) this.#mayWait = true;
    const part = this.#partOf(offer);
    for (let start = 0; start < offer.length; start += part) {
      if (start > 0) await nextTurn();
      this.#sendAll(offer.slice(start, start + part));
      // They leave now, and may fill the link.
      channel.flush();
    }
  }

  /** Many messages leave in a few parts, so that both ends work at once instead of waiting for each other. */
  #partOf(offer: readonly WaitingMessage[]): number {
    const underWay = this.#sent - this.#acked + offer.length;
    return Math.max(MIN_PART, Math.ceil(underWay / PARTS));
  }

  #hasRoom(): boolean {
    const { channel, peer } = this.#options;
    const isEmpty = this.#sent === this.#acked;
    const fits = this.#sent - this.#acked < peer.windowMessages;
    return channel.writable && fits && (isEmpty || this.#bytes < peer.windowBytes);
  }

  #room(): { messages: number; bytes: number } {
    const { windowMessages, windowBytes } = this.#options.peer;
    return {
      messages: windowMessages - (this.#sent - this.#acked),
      bytes: Math.min(MAX_BATCH_BYTES, windowBytes - this.#bytes),
    };
  }

  #sendAll(offer: readonly WaitingMessage[]): void {
    const { channel, peer } = this.#options;
    const run = Math.min(channel.maxFrameBytes, MAX_BATCH_BYTES) - ENVELOPE_BYTES;
    const limits = { message: peer.maxMessageBytes, run };
    for (let start = 0; start < offer.length; ) {
      const end = endOfRun(offer, start, limits);
      const messages = offer.slice(start, end);
      for (const message of messages) this.#count(message);
      channel.send(encoded(messages));
      start = end;
    }
  }

  #count({ seq, bytes }: WaitingMessage): void {
    const { channel, peer } = this.#options;
    if (bytes > peer.maxMessageBytes || bytes + ENVELOPE_BYTES > channel.maxFrameBytes) {
      throw new ValidationError(`message ${seq} is larger than the other end or the link takes`, {
        code: "FRAME_TOO_LARGE",
      });
    }
    this.#sent = seq;
    this.#underWay.push(bytes);
    this.#bytes += bytes;
  }

  /** Tells the store what is acknowledged, the latest number only. */
  #forget(): void {
    if (this.#isForgetting || this.#forgotten >= this.#acked) return;
    this.#isForgetting = true;
    this.#forgetting = this.#forgetAll().catch((error: unknown) => this.#fail(error));
  }

  /** Something failed here: the link ends. */
  #fail(error: unknown): void {
    this.#options.channel.fail(error);
  }

  async #forgetAll(): Promise<void> {
    const { session, epoch, store, listener } = this.#options;
    try {
      while (this.#forgotten < this.#acked) {
        const seq = this.#acked;
        listener.committed(session, await store.acknowledge(session, epoch, seq));
        this.#forgotten = seq;
      }
    } finally {
      this.#isForgetting = false;
    }
  }
}

/** Messages of one envelope. */
function encoded(messages: readonly WaitingMessage[]): string {
  const [{ seq, id, made, body, redelivered }] = messages as [WaitingMessage];
  if (!made || redelivered) return encodeMessage(seq, id, body, redelivered);
  return encodeRun(
    seq,
    made,
    messages.map((each) => each.body),
  );
}
