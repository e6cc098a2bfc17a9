import {
  AuthenticationError,
  BaseLink,
  type BaseLinkOptions,
  type CloseReason,
  DEFAULT_HIGH_WATER_MARK,
  type NetworkError,
  toNetworkError,
} from "@net/core";
import { decodeBatch, ITEM_HEADER_BYTES, type Item, ItemKind } from "./batch.ts";
import { type BulkFrame, isolateBulk } from "./bulk-frame.ts";
import { decodeBye, encodeBye, unsignedEnd } from "./bye.ts";
import type { FrameByFrame } from "./frame-by-frame.ts";
import { OpenBatch } from "./open-batch.ts";
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
 * So many frames leave at once, though more come in this tick: with many calls under way the other end begins on them while
 * this one goes on, a quarter more calls a second; with fewer, seals and writes would cost more than is gained. (Measured
 * with 64 calls in flight.)
 */
const EARLY_FRAMES = 32;
/**
 * They leave when there are so many more. What travels in a batch is answered in one, and stays together: a remainder of one
 * frame would go to and fro by itself from then on, at the price of a batch.
 */
const FRAMES_LEFT = 8;
/** To wait for one microtask: `queueMicrotask` would make an async resource each time. */
const settled: Promise<void> = Promise.resolve();

/**
 * A link over another one that only its two ends can read and write. The frames of a tick leave as one sealed batch, or as
 * several if they are many; a batch that was altered, left out, repeated or reordered ends the link. Frames of 4 KiB or more
 * are copied when they are sent: their memory may be used again.
 */
export class SecureLink extends BaseLink {
  /** Names this channel: both ends have the same, and no other link has it. */
  readonly handshakeHash: Uint8Array;
  readonly #below: FrameByFrame;
  readonly #seal: Seal;
  readonly #highWaterMark: number;
  readonly #flushNow = (): void => {
    this.#isScheduled = false;
    this.#flush(0);
  };
  readonly #flushNextTick = (): void => process.nextTick(this.#flushNow);
  /** The last one is being filled. */
  readonly #batches: OpenBatch[] = [];
  #isScheduled = false;
  #isBlocked = false;
  #batchesReceived = 0;
  /** Of the batch that is being handed over: an idle link keeps none. */
  #bulk: BulkFrame | undefined;
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
    this.#highWaterMark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    below.handOver((sealed) => this.#opened(sealed));
    void below.link.closed.then((reason) => this.ended(this.#bye ?? unsignedEnd(reason)));
  }

  /** How many batches came: the frames of one came at the same moment. */
  get batchesReceived(): number {
    return this.#batchesReceived;
  }

  /** What was sent leaves now, and not at the end of the tick; but where batches are signed: few large ones are worth the wait. */
  flush(): void {
    if (this.#seal.isCostly) return;
    this.#flush(0);
    this.#below.link.flush?.();
  }

  /** Nobody has a view of that frame any more, which is being handed over: if it is most of its batch, its memory may be freed. */
  spent(frame: Uint8Array): void {
    if (this.#bulk?.frame !== frame) return;
    this.#below.link.spent?.(this.#bulk.sealed);
    this.#bulk = undefined;
  }

  /** A link below that is full counts as being over our mark: what waits in it cannot be seen from here. */
  protected bufferedBytes(): number {
    // What is not full yet leaves in this tick, and is at most one batch.
    if (!this.#isBlocked && !this.#seal.isCostly) return 0;
    const bytes = this.#batches.reduce((sum, batch) => sum + batch.bytes, 0);
    return this.#isBlocked ? Math.max(bytes, this.#highWaterMark + 1) : bytes;
  }

  protected write(frame: Uint8Array): void {
    const last = this.#push({ kind: ItemKind.frame, body: frame });
    if (!this.#seal.isCostly) {
      const isEarly = last.count >= EARLY_FRAMES + FRAMES_LEFT;
      if (isEarly) this.#divide(last);
      if (this.#batches.length > 1) this.#flush(1);
      if (isEarly) this.#below.link.flush?.();
    }
    if (this.#batches.length > 0) this.#schedule();
  }

  protected flow(on: boolean): void {
    if (on) this.#below.link.resume();
    else this.#below.link.pause();
  }

  protected async sayGoodbye(reason: CloseReason): Promise<void> {
    this.#push({ kind: ItemKind.bye, body: encodeBye(reason) });
    this.#flush(0);
    while (this.#batches.length > 0) {
      await this.#below.link.drained();
      this.#isBlocked = false;
      this.#flush(0);
    }
    this.#below.link.resume();
    await this.#below.link.close({ code: reason.code, message: reason.message });
  }

  protected destroy({ code, message }: CloseReason): void {
    this.#batches.length = 0;
    this.#below.link.abort({ code, message });
  }

  /** @returns the batch that it was put into. */
  #push(item: Item): OpenBatch {
    const last = this.#batches.at(-1);
    if (last?.tryAdd(item)) return last;
    const batch = new OpenBatch(this.#seal, this.#below.link.maxFrameBytes);
    batch.tryAdd(item);
    this.#batches.push(batch);
    return batch;
  }

  #divide(batch: OpenBatch): void {
    const rest = batch.split(EARLY_FRAMES);
    if (rest) this.#batches.push(rest);
    else this.#flush(0);
  }

  /**
   * After everything that this turn's promises still send: a tick alone would come before them, if it was asked for while a
   * frame was handed over, and what answers the frame would leave in a batch of its own.
   */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#seal.isCostly) setImmediate(this.#flushNow);
    else void settled.then(this.#flushNextTick);
  }

  /** Sends what there is. @param kept so many batches are to be filled first. */
  #flush(kept: number): void {
    try {
      while (this.#batches.length > kept && !this.#isBlocked) this.#sendBatch();
    } catch {
      // A link that takes no batch has ended: its `closed` says why.
      return;
    }
    this.flushed();
  }

  #sendBatch(): void {
    if (this.#batches.shift()?.send(this.#below.link)) return;
    this.#isBlocked = true;
    const unblock = (): void => {
      this.#isBlocked = false;
      this.#flush(1);
      if (this.#batches.length > 0) this.#schedule();
    };
    // The link below died: its `closed` says so.
    this.#below.link.drained().then(unblock, () => {});
  }

  #opened(sealed: Uint8Array): void {
    if (this.#bye) return;
    this.#batchesReceived += 1;
    try {
      const { frames, bye } = decodeBatch(this.#seal.open(sealed));
      if (this.#below.link.spent) this.#bulk = isolateBulk(sealed, frames);
      for (const frame of frames) this.deliver(frame);
      this.#bulk = undefined;
      if (bye) this.#bye = decodeBye(bye);
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
