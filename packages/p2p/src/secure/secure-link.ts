import {
  AuthenticationError,
  BaseLink,
  type BaseLinkOptions,
  type CloseReason,
  type NetworkError,
  toNetworkError,
} from "@net/core";
import { decodeBatch, ITEM_HEADER_BYTES, type Item, ItemKind, putItem } from "./batch.ts";
import { decodeBye, encodeBye, unsignedEnd } from "./bye.ts";
import type { FrameByFrame } from "./frame-by-frame.ts";
import type { Seal } from "./seal.ts";

export interface SecureLinkOptions
  extends Pick<BaseLinkOptions, "maxFrameBytes" | "highWaterMark" | "clock"> {
  readonly seal: Seal;
  /** The link below, after its handshake. */
  readonly below: FrameByFrame;
  /** Names this channel: what is signed over it holds here and nowhere else. */
  readonly handshakeHash: Uint8Array;
  /** Whether nobody but the two ends can read along. */
  readonly encrypted: boolean;
}

/**
 * So many frames leave at once, though more may come in this tick: with many calls under way the other end begins on them
 * while this one goes on, a quarter more calls a second; with fewer, seals and writes would cost more than is gained.
 * (Measured with 64 calls in flight.)
 */
const EARLY_FRAMES = 32;

/**
 * A link over another one that only its two ends can read and write. The frames of a tick leave as one sealed batch; a
 * batch that was altered, left out, repeated or reordered ends the link.
 */
export class SecureLink extends BaseLink {
  /** Names this channel: both ends have the same, and no other link has it. */
  readonly handshakeHash: Uint8Array;
  readonly #below: FrameByFrame;
  readonly #seal: Seal;
  readonly #highWaterMark: number;
  readonly #flushNow = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };
  #waiting: Item[] = [];
  #waitingBytes = 0;
  #isScheduled = false;
  #isBlocked = false;
  #bye: CloseReason | undefined;

  constructor({ below, seal, handshakeHash, encrypted, ...options }: SecureLinkOptions) {
    const { remoteAddress, maxFrameBytes } = below.link;
    const limit = maxFrameBytes - ITEM_HEADER_BYTES - seal.overheadBytes;
    super({
      ...options,
      remoteAddress,
      maxFrameBytes: Math.min(options.maxFrameBytes ?? limit, limit),
      security: { encrypted, channelBinding: handshakeHash },
    });
    this.handshakeHash = handshakeHash;
    this.#below = below;
    this.#seal = seal;
    this.#highWaterMark = options.highWaterMark ?? 64 * 1024;
    below.handOver((sealed) => this.#opened(sealed));
    void below.link.closed.then((reason) => this.ended(this.#bye ?? unsignedEnd(reason)));
  }

  /** A link below that is full counts as being over our mark: what waits in it cannot be seen from here. */
  protected bufferedBytes(): number {
    return this.#isBlocked
      ? Math.max(this.#waitingBytes, this.#highWaterMark + 1)
      : this.#waitingBytes;
  }

  protected write(frame: Uint8Array): void {
    this.#push({ kind: ItemKind.frame, body: frame });
    if (this.#waiting.length < EARLY_FRAMES || this.#seal.isCostly) this.#schedule();
    else this.#flush();
  }

  protected flow(on: boolean): void {
    if (on) this.#below.link.resume();
    else this.#below.link.pause();
  }

  protected async sayGoodbye(reason: CloseReason): Promise<void> {
    this.#push({ kind: ItemKind.bye, body: encodeBye(reason) });
    this.#flush();
    while (this.#waiting.length > 0) {
      await this.#below.link.drained();
      this.#isBlocked = false;
      this.#flush();
    }
    this.#below.link.resume();
    await this.#below.link.close({ code: reason.code, message: reason.message });
  }

  protected destroy({ code, message }: CloseReason): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#below.link.abort({ code, message });
  }

  #push(item: Item): void {
    this.#waiting.push(item);
    this.#waitingBytes += item.body.byteLength;
  }

  /**
   * After everything that this turn's promises still send: a tick alone would come before them, if it was asked for while a
   * frame was handed over, and what answers the frame would leave in a batch of its own.
   */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#seal.isCostly) setImmediate(this.#flushNow);
    else queueMicrotask(() => process.nextTick(this.#flushNow));
  }

  #flush(): void {
    try {
      while (this.#waiting.length > 0 && !this.#isBlocked) this.#sendBatch();
    } catch {
      // A link that takes no batch has ended: its `closed` says why.
      return;
    }
    this.flushed();
  }

  #sendBatch(): void {
    if (this.#below.link.send(this.#sealBatch())) return;
    this.#isBlocked = true;
    const unblock = (): void => {
      this.#isBlocked = false;
      this.#flush();
    };
    // The link below died: its `closed` says so.
    this.#below.link.drained().then(unblock, () => {});
  }

  /** As many of those that wait as the link below carries in one frame, copied once, with room for the seal. */
  #sealBatch(): Uint8Array {
    const { count, size } = this.#nextBatch();
    const batch = this.#takeItems(count);
    this.#waitingBytes -= size - count * ITEM_HEADER_BYTES;
    const room = Buffer.allocUnsafe(size + this.#seal.overheadBytes);
    let at = 0;
    for (const item of batch) at = putItem(room, at, item);
    return this.#seal.close(room, size);
  }

  /** How many items fit a frame of the link below, and how large they are. */
  #nextBatch(): { readonly count: number; readonly size: number } {
    const room = this.#below.link.maxFrameBytes - this.#seal.overheadBytes;
    let count = 0;
    let size = 0;
    for (const { body } of this.#waiting) {
      const next = size + ITEM_HEADER_BYTES + body.byteLength;
      if (count > 0 && next > room) break;
      size = next;
      count++;
    }
    return { count, size };
  }

  #takeItems(count: number): readonly Item[] {
    if (count < this.#waiting.length) return this.#waiting.splice(0, count);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  #opened(sealed: Uint8Array): void {
    if (this.#bye) return;
    try {
      for (const { kind, body } of decodeBatch(this.#seal.open(sealed))) {
        if (kind === ItemKind.bye) this.#bye = decodeBye(body);
        else this.deliver(body);
      }
    } catch (cause) {
      this.#refuse(toNetworkError(cause));
    }
  }

  #refuse(error: NetworkError): void {
    const { message } = error;
    const code = AuthenticationError.is(error) ? "unauthorized" : "protocol-error";
    this.refused({ code, message, remote: true, error });
  }
}
