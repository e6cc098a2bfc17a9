import { abortable } from "../abort/aborted.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ClosedError, OverloadedError, ValidationError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { reportUncaught } from "../errors/report.ts";
import { cutCloseMessage } from "./close-message.ts";
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
  readonly security?: LinkSecurity | undefined;
  readonly maxFrameBytes?: number | undefined;
  /** `send` says false while more bytes than this wait to leave. */
  readonly highWaterMark?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * What every {@link Link} does the same way: limits, backpressure, pausing, and ending exactly once. A transport
 * extends it, moves bytes in its own way, and reports through `deliver`, `flushed` and `ended`.
 */
export abstract class BaseLink implements Link {
  readonly remoteAddress: string;
  readonly maxFrameBytes: number;
  readonly security: LinkSecurity;
  readonly closed: Promise<CloseReason>;

  readonly #highWaterMark: number;
  readonly #clock: Clock;
  readonly #settled = Promise.withResolvers<CloseReason>();
  readonly #destroyed = Promise.withResolvers<void>();
  readonly #held: Uint8Array[] = [];
  #onFrame: ((frame: Uint8Array) => void) | undefined;
  #paused = false;
  #reason: CloseReason | undefined;
  #remoteEnd: CloseReason | undefined;
  #goodbye: Promise<void> | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #isDestroyed = false;

  constructor(options: BaseLinkOptions) {
    this.remoteAddress = options.remoteAddress;
    this.maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
    this.security = options.security ?? { encrypted: false };
    this.closed = this.#settled.promise;
    this.#highWaterMark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
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
    else this.#held.push(frame);
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

  #assertOpen(): void {
    const reason = this.#reason ?? this.#remoteEnd;
    if (reason) throw closedError(this.remoteAddress, reason);
  }

  #assertSendable(frame: Uint8Array): void {
    this.#assertOpen();
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

  #letIn(): void {
    while (this.flowing && this.#held.length > 0) this.#handOver(this.#held.shift() as Uint8Array);
    if (this.#remoteEnd && this.flowing) this.#finishRemoteEnd();
    else if (this.flowing) this.flow(true);
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
    const goodbye = this.sayGoodbye(reason).catch(() => {});
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.setTimeout(resolve, timeout);
    await Promise.race([goodbye, late, this.#destroyed.promise]);
    this.#destroy();
  }

  #settle(reason: CloseReason): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#held.length = 0;
    this.#refuseDrain(reason);
    this.#settled.resolve(reason);
  }

  #refuseDrain(reason: CloseReason): void {
    this.#drained?.promise.catch(() => {});
    this.#drained?.reject(closedError(this.remoteAddress, reason));
    this.#drained = undefined;
  }

  #destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#destroyed.resolve();
    this.destroy(this.#reason as CloseReason);
  }
}

/** Gives a new link to whoever accepts it; if he throws, the link aborts and the error is reported. */
export function acceptLink(accept: (link: Link) => void, link: Link): void {
  try {
    accept(link);
  } catch (error) {
    link.abort({ code: "internal", message: "the acceptor of a link threw" });
    reportUncaught(error);
  }
}

function localReason({ code = "normal", message = "" }: CloseRequest): CloseReason {
  return { code, message: cutCloseMessage(message), remote: false };
}

function closedError(address: string, reason: CloseReason): ClosedError {
  const by = reason.remote ? "by the other side" : "here";
  const why = reason.message ? `: ${reason.message}` : "";
  const cause = reason.error && { cause: reason.error };
  return new ClosedError(`the link to ${address} was closed ${by} (${reason.code})${why}`, {
    ...cause,
    details: { reason: reason.code },
  });
}
