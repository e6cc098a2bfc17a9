import { abortable } from "../abort/aborted.ts";
import { type Clock, systemClock } from "../clock.ts";
import { OverloadedError, ValidationError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { reportUncaught } from "../errors/report.ts";
import { assertAmount, assertPositive } from "../numbers.ts";
import { closedError, localReason } from "./close-reason.ts";
import {
  type CloseOptions,
  type CloseReason,
  type CloseRequest,
  DEFAULT_CLOSE_TIMEOUT,
  DEFAULT_HIGH_WATER_MARK,
  DEFAULT_MAX_FRAME_BYTES,
  type Link,
  type LinkSecurity,
  OVERLOAD_FACTOR,
} from "./transport.ts";

export interface BaseLinkOptions {
  readonly remoteAddress: string;
  /** Default: not encrypted. */
  readonly security?: LinkSecurity | undefined;
  /** The largest frame, sent or received. Default 1 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** `send` says false while more bytes than this wait to leave. Default 64 KiB. */
  readonly highWaterMark?: number | undefined;
  /** Bounds a polite close. */
  readonly clock?: Clock | undefined;
}

/**
 * What every {@link Link} does the same way: limits, backpressure, pausing, and ending exactly once. A transport
 * extends it, moves bytes in its own way, and reports through `deliver`, `flushed`, `ended` and `refused`: from
 * its own events, never from within `send` or `pause`, so that nobody is called back from within his call.
 */
export abstract class BaseLink implements Link {
  readonly remoteAddress: string;
  readonly maxFrameBytes: number;
  readonly security: LinkSecurity;
  readonly closed: Promise<CloseReason>;

  readonly #highWaterMark: number;
  readonly #clock: Clock;
  #settleClosed!: (reason: CloseReason) => void;
  /** There while a polite close waits. */
  #onDestroyed: (() => void) | undefined;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #paused = false;
  #lettingIn = false;
  #reason: CloseReason | undefined;
  #remoteEnd: CloseReason | undefined;
  #goodbye: Promise<void> | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #isDestroyed = false;

  /** @throws ValidationError unless `maxFrameBytes` is above 0 and `highWaterMark` 0 or more, both finite. */
  constructor(options: BaseLinkOptions) {
    const { maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, highWaterMark = DEFAULT_HIGH_WATER_MARK } =
      options;
    this.remoteAddress = options.remoteAddress;
    this.maxFrameBytes = assertPositive(maxFrameBytes, "maxFrameBytes");
    this.security = options.security ?? { encrypted: false };
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#highWaterMark = assertAmount(highWaterMark, "highWaterMark");
    this.#clock = options.clock ?? systemClock;
  }

  /** Bytes accepted by `write` that have not left yet. */
  protected abstract bufferedBytes(): number;
  /** Starts sending a frame that passed all checks. */
  protected abstract write(frame: Uint8Array): void;
  /** Lets frames in, or holds them at their source as well as the transport can. */
  protected abstract flow(on: boolean): void;
  /** Sends what waits and the reason; resolves when the other side has ended too. Not called after `destroy`. */
  protected abstract sayGoodbye(reason: CloseReason): Promise<void>;
  /** Lets go of everything at once. Called exactly once, at the very end. */
  protected abstract destroy(reason: CloseReason): void;

  receive(onFrame: (frame: Uint8Array) => void): void {
    if (this.#onFrame) {
      throw new NetworkError("INVALID_STATE", "receive was already called on this link");
    }
    this.#onFrame = onFrame;
    this.#letIn();
  }

  send(frame: Uint8Array): boolean {
    this.#assertSendable(frame);
    this.write(frame);
    return this.bufferedBytes() <= this.#highWaterMark;
  }

  async drained({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#assertOpen();
    if (this.bufferedBytes() <= this.#highWaterMark) return;
    this.#drained ??= Promise.withResolvers();
    await abortable(this.#drained.promise, signal);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (!this.#reason) this.flow(false);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#letIn();
  }

  close(
    request: CloseRequest = {},
    { timeout = DEFAULT_CLOSE_TIMEOUT }: CloseOptions = {},
  ): Promise<void> {
    if (!this.#reason) this.#goodbye = this.#endPolitely(localReason(request), timeout);
    return this.#goodbye ?? Promise.resolve();
  }

  abort(request: CloseRequest = {}): void {
    this.#settle(localReason(request));
    this.#destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** True until the link has ended, from either side. */
  protected get open(): boolean {
    return this.#reason === undefined;
  }

  /** False while frames must not be passed on; a transport that can, stops decoding then. */
  protected get flowing(): boolean {
    return this.#onFrame !== undefined && !this.#paused && this.#reason === undefined;
  }

  /** A frame came. It is passed on, or held while paused. */
  protected deliver(frame: Uint8Array): void {
    if (this.#reason) return;
    if (this.flowing && this.#held.length === 0) this.#handOver(frame);
    else this.#hold(frame);
  }

  /** Bytes of frames that came and were not passed on yet. */
  protected get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes have left. */
  protected flushed(): void {
    if (!this.#drained || this.bufferedBytes() > this.#highWaterMark) return;
    this.#drained.resolve();
    this.#drained = undefined;
  }

  /** The other side ended, or the connection died. Noticed once all frames before it were passed on. */
  protected ended(reason: CloseReason): void {
    if (this.#reason || this.#remoteEnd) return;
    this.#remoteEnd = reason;
    if (this.#held.length === 0) this.#finishRemoteEnd();
    else this.#refuseDrain(reason);
  }

  /**
   * The other side broke the protocol: it is told why, as politely as a close would. Where frames are still held,
   * they are passed on first, and it just ends.
   */
  protected refused(reason: CloseReason): void {
    if (this.#reason || this.#remoteEnd) return;
    if (this.#held.length > 0) this.ended(reason);
    else this.#goodbye = this.#endPolitely(reason, DEFAULT_CLOSE_TIMEOUT);
  }

  #assertOpen(): void {
    const reason = this.#reason ?? this.#remoteEnd;
    if (reason) throw closedError(this.remoteAddress, reason);
  }

  #assertSendable(frame: Uint8Array): void {
    this.#assertOpen();
    // Other views have a byteLength too, and would be copied as something else.
    if (!(frame instanceof Uint8Array)) {
      throw new ValidationError("a frame must be a Uint8Array: text and other buffers are not");
    }
    if (frame.byteLength > this.maxFrameBytes) {
      throw new ValidationError(
        `a frame of ${frame.byteLength} bytes is over the limit of ${this.maxFrameBytes}`,
        { code: "FRAME_TOO_LARGE" },
      );
    }
    const waiting = this.bufferedBytes();
    if (waiting > OVERLOAD_FACTOR * this.#highWaterMark) {
      throw new OverloadedError(
        `${waiting} bytes wait for ${this.remoteAddress}: await drained() when send() says false`,
      );
    }
  }

  /** What was held first, then what comes. A receiver that pauses and resumes is not called within its call. */
  #letIn(): void {
    if (this.#lettingIn) return;
    this.#lettingIn = true;
    while (this.flowing && this.#held.length > 0) this.#handOver(this.#release());
    this.#lettingIn = false;
    if (!this.flowing) return;
    if (this.#remoteEnd) this.#finishRemoteEnd();
    else this.flow(true);
  }

  #hold(frame: Uint8Array): void {
    this.#held.push(frame);
    this.#heldBytes += frame.byteLength;
  }

  /** The frame that is held longest. */
  #release(): Uint8Array {
    const frame = this.#held.shift() as Uint8Array;
    this.#heldBytes -= frame.byteLength;
    return frame;
  }

  #handOver(frame: Uint8Array): void {
    try {
      this.#onFrame?.(frame);
    } catch (error) {
      this.abort({ code: "internal", message: "the receiver of a frame threw" });
      reportUncaught(error);
    }
  }

  #finishRemoteEnd(): void {
    this.#settle(this.#remoteEnd as CloseReason);
    this.#destroy();
  }

  async #endPolitely(reason: CloseReason, timeout: number): Promise<void> {
    this.#settle(reason);
    try {
      const { promise: lateOrDestroyed, resolve } = Promise.withResolvers<void>();
      this.#onDestroyed = resolve;
      using _timer = this.#clock.setTimeout(resolve, timeout);
      // A goodbye that fails is one that could not be said: the link is destroyed either way.
      const goodbye = this.sayGoodbye(reason).catch(() => {});
      await Promise.race([goodbye, lateOrDestroyed]);
    } finally {
      this.#destroy();
    }
  }

  #settle(reason: CloseReason): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#held.length = 0;
    this.#heldBytes = 0;
    this.#refuseDrain(reason);
    this.#settleClosed(reason);
  }

  #refuseDrain(reason: CloseReason): void {
    this.#drained?.promise.catch(() => {});
    this.#drained?.reject(closedError(this.remoteAddress, reason));
    this.#drained = undefined;
  }

  #destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#onDestroyed?.();
    this.destroy(this.#reason as CloseReason);
  }
}
