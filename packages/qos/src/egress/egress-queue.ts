import {
  abortedError,
  assertPositive,
  ClosedError,
  type NetworkError,
  OverloadedError,
  onAbort,
  throwIfAborted,
  ValidationError,
} from "@net/core";
import type { Priority } from "../priority.ts";
import { ByteBudget, budgetBytes } from "./byte-budget.ts";
import { type FrameOrder, StrictPriority } from "./frame-order.ts";
import type { FrameSink } from "./frame-sink.ts";
import { type QueuedFrame, queuedFrame } from "./queued-frame.ts";

export interface EgressOptions {
  /** The most that may wait, each frame counted with 64 bytes of its own. Default 4 MiB. */
  readonly maxBytes?: number;
  /** What critical frames may take beyond that. Default 64 KiB. */
  readonly criticalReserve?: number;
}

export interface EgressSendOptions {
  /** The type of message, whose policy says how urgent it is. */
  readonly type: string;
  /** Takes the frame out of the queue while it waits. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** Room for hundreds of heartbeats while bulk data fills the rest. */
const DEFAULT_CRITICAL_RESERVE = 64 * 1024;

/**
 * Orders the frames for one peer by urgency while its link takes no more, and passes them straight on while it does.
 * Nothing is dropped silently: a frame leaves, or whoever waits for it gets an error, or the queue was closed.
 */
export class EgressQueue implements AsyncDisposable {
  readonly #peerId: string;
  readonly #sink: FrameSink;
  readonly #priorityOf: (type: string) => Priority;
  readonly #budget: ByteBudget;
  readonly #order: FrameOrder = new StrictPriority();
  readonly #closing = new AbortController();
  #blocked = false;
  #pumping = false;
  #end: ClosedError | undefined;

  /** @throws ValidationError */
  constructor(
    peerId: string,
    sink: FrameSink,
    priorityOf: (type: string) => Priority,
    options: EgressOptions = {},
  ) {
    const { maxBytes = DEFAULT_MAX_BYTES, criticalReserve = DEFAULT_CRITICAL_RESERVE } = options;
    this.#peerId = peerId;
    this.#sink = sink;
    this.#priorityOf = priorityOf;
    assertPositive(maxBytes, "maxBytes");
    assertPositive(criticalReserve, "criticalReserve");
    this.#budget = new ByteBudget(maxBytes, criticalReserve);
  }

  /** How many frames wait. */
  get queuedFrames(): number {
    return this.#budget.frames;
  }

  /** How much waits, each frame counted with 64 bytes of its own. */
  get queuedBytes(): number {
    return this.#budget.bytes;
  }

  /**
   * Sends a frame without a promise and takes ownership of its bytes.
   *
   * @returns true if the link has it, false if it waits here; then slow down.
   * @throws OverloadedError if too much waits already; ClosedError once closed; ValidationError `FRAME_TOO_LARGE` above
   *   what the link carries. In all three cases the frame was not taken.
   */
  offer(frame: Uint8Array, type: string): boolean {
    const queued = this.#submit(frame, type);
    if (queued.state === "dropped" && this.#end) throw this.#end;
    return queued.state === "sent";
  }

  /**
   * Sends a frame, takes ownership of its bytes, and resolves when the link has it.
   *
   * @throws AbortedError if the signal aborts while it waits, and as {@link EgressQueue.offer}; whatever is thrown, the
   *   frame was not sent.
   */
  async send(frame: Uint8Array, { type, signal }: EgressSendOptions): Promise<void> {
    throwIfAborted(signal);
    const queued = this.#submit(frame, type);
    if (queued.state === "sent") return;
    if (queued.state === "dropped" && this.#end) throw this.#end;
    queued.waiter = Promise.withResolvers();
    using _listener = onAbort(signal, () => signal && this.#withdraw(queued, abortedError(signal)));
    await queued.waiter.promise;
  }

  /**
   * Takes no more frames; whoever waits gets a `ClosedError`, with `error` as its cause. What the link has is not
   * touched. Closing again does nothing.
   */
  close(error?: unknown): void {
    if (this.#end) return;
    this.#end = closedError(this.#peerId, error);
    this.#closing.abort();
    for (let queued = this.#order.next(); queued; queued = this.#order.next()) {
      this.#drop(queued, this.#end);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #submit(frame: Uint8Array, type: string): QueuedFrame {
    if (this.#end) throw this.#end;
    const queued = queuedFrame(frame, this.#priorityOf(type));
    this.#assertFits(queued, type);
    this.#budget.add(budgetBytes(frame), queued.priority);
    this.#order.add(queued);
    this.#pump();
    return queued;
  }

  #assertFits({ frame, priority }: QueuedFrame, type: string): void {
    if (!(frame instanceof Uint8Array)) throw new ValidationError("a frame must be a Uint8Array");
    const { maxFrameBytes = Number.POSITIVE_INFINITY } = this.#sink;
    if (frame.byteLength > maxFrameBytes) {
      throw new ValidationError(
        `a frame of ${frame.byteLength} bytes is over the limit of ${maxFrameBytes} to ${this.#peerId}`,
        { code: "FRAME_TOO_LARGE" },
      );
    }
    if (this.#budget.fits(budgetBytes(frame), priority)) return;
    throw new OverloadedError(
      `${this.#budget.bytes} bytes wait for ${this.#peerId}: a ${type} of ${frame.byteLength} was not taken`,
      { details: { peerId: this.#peerId, queuedBytes: this.#budget.bytes } },
    );
  }

  /** Sends while the sink takes frames. A sink that calls back into the queue meanwhile finds this loop at work. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.#blocked && !this.#end) {
      const queued = this.#order.next();
      if (!queued) break;
      this.#transmit(queued);
    }
    this.#pumping = false;
  }

  #transmit(queued: QueuedFrame): void {
    queued.state = "leaving";
    try {
      if (!this.#sink.send(queued.frame)) this.#block();
    } catch (error) {
      this.#notTaken(queued, error);
      return;
    }
    queued.state = "sent";
    this.#budget.remove(budgetBytes(queued.frame), queued.priority);
    queued.waiter?.resolve();
  }

  /** The sink refused the frame: for now, if it is overloaded, else for good. */
  #notTaken(queued: QueuedFrame, error: unknown): void {
    if (this.#end) {
      this.#drop(queued, this.#end);
      return;
    }
    queued.state = "waiting";
    this.#order.putBack(queued);
    if (OverloadedError.is(error)) this.#block();
    else this.close(error);
  }

  #block(): void {
    this.#blocked = true;
    void this.#unblock();
  }

  async #unblock(): Promise<void> {
    try {
      await this.#sink.drained({ signal: this.#closing.signal });
      this.#blocked = false;
      this.#pump();
    } catch (error) {
      this.close(error);
    }
  }

  #withdraw(queued: QueuedFrame, reason: NetworkError): void {
    if (queued.state !== "waiting") return;
    this.#order.remove(queued);
    this.#drop(queued, reason);
  }

  #drop(queued: QueuedFrame, reason: NetworkError): void {
    queued.state = "dropped";
    this.#budget.remove(budgetBytes(queued.frame), queued.priority);
    queued.waiter?.reject(reason);
  }
}

function closedError(peerId: string, cause: unknown): ClosedError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new ClosedError(`the queue to ${peerId} was closed${why}`, { cause, details: { peerId } });
}
