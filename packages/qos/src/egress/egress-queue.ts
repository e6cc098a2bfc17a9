import {
  abortedError,
  assertPositive,
  type ClosedError,
  OverloadedError,
  onAbort,
  throwIfAborted,
  ValidationError,
} from "@net/core";
import { Alarm } from "../shaping/alarm.ts";
import { Share } from "../shaping/shared-bandwidth.ts";
import { ByteBudget, budgetBytes } from "./byte-budget.ts";
import type { EgressContext } from "./egress-context.ts";
import { closedError, fullError, lateError, tooLargeError } from "./egress-errors.ts";
import type { EgressOfferOptions, EgressOptions, EgressSendOptions } from "./egress-options.ts";
import { FlowTable } from "./flow-table.ts";
import { assertSink, type FrameSink } from "./frame-sink.ts";
import { Outlet } from "./outlet.ts";
import { Patience } from "./patience.ts";
import { QueuedFrame } from "./queued-frame.ts";
import { Scheduler } from "./scheduler.ts";
import { WaitingRoom } from "./waiting-room.ts";

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** Room for more than a hundred heartbeats while bulk data fills the rest. */
const DEFAULT_CRITICAL_RESERVE = 64 * 1024;

/** Reading the clock costs as much as all else; so many frames leave within microseconds. */
const FRAMES_PER_READING = 16;

/**
 * Orders the frames for one peer, within what its policies, the receiver and the link allow, and passes them straight
 * on while nothing holds them up. Nothing is dropped silently: a frame leaves, or whoever sent it hears why not.
 */
export class EgressQueue implements AsyncDisposable {
  readonly #peerId: string;
  readonly #maxFrameBytes: number;
  readonly #context: EgressContext;
  readonly #budget: ByteBudget;
  readonly #scheduler = new Scheduler();
  readonly #flows: FlowTable;
  readonly #room: WaitingRoom;
  readonly #outlet: Outlet;
  readonly #alarm: Alarm;
  readonly #patience = new Patience();
  #pumping = false;
  #end: ClosedError | undefined;

  /** @throws ValidationError */
  constructor(peerId: string, sink: FrameSink, context: EgressContext, options: EgressOptions) {
    const { maxBytes = DEFAULT_MAX_BYTES, criticalReserve = DEFAULT_CRITICAL_RESERVE } = options;
    const { clock, policies, traffic, memory, bandwidth } = context;
    assertSink(sink);
    assertPositive(maxBytes, "maxBytes");
    assertPositive(criticalReserve, "criticalReserve");
    const pump = (): void => this.#pump(clock.monotonicMs());
    const share = new Share(options.weight ?? 1, pump);
    this.#peerId = peerId;
    this.#maxFrameBytes = sink.maxFrameBytes ?? Number.POSITIVE_INFINITY;
    this.#context = context;
    this.#budget = new ByteBudget(maxBytes, criticalReserve, memory);
    this.#flows = new FlowTable(policies, traffic.bucketOf, this.#scheduler);
    this.#alarm = new Alarm(clock, pump);
    this.#outlet = new Outlet({
      ...{ sink, credit: options.credit, bandwidth, share: bandwidth && share },
      onOpen: pump,
      onEnd: (error) => this.close(error),
    });
    const onChange = (): void => this.#outlet.retryCredit();
    this.#room = new WaitingRoom(peerId, this.#scheduler, this.#budget, onChange);
  }

  /** How many frames wait. */
  get queuedFrames(): number {
    return this.#budget.frames;
  }

  /** How much waits, each frame counted with 384 bytes of its own. */
  get queuedBytes(): number {
    return this.#budget.bytes;
  }

  /**
   * Sends a frame without a promise and takes ownership of its bytes. Whoever wants to know what becomes of it, or gives
   * it a deadline, hands in `onSettled`.
   *
   * @returns true if the link has it, false if it waits here; then slow down.
   * @throws OverloadedError if too much waits already; ClosedError once closed; ValidationError `FRAME_TOO_LARGE` above
   *   what the link carries; NetworkTimeoutError `DEADLINE_EXCEEDED` if no time is left. The frame was not taken then,
   *   and `onSettled` is not called.
   */
  offer(frame: Uint8Array, type: string, options?: EgressOfferOptions): boolean {
    if (options?.deadlineMs !== undefined && !options.onSettled) {
      throw new ValidationError("a deadline needs onSettled: nobody would hear that it passed");
    }
    const { fate } = this.#submit(frame, type, options);
    if (fate instanceof Error && !options?.onSettled) throw fate;
    return fate === "sent";
  }

  /**
   * Sends a frame, takes ownership of its bytes, and resolves when the link has it, or a newer one with its
   * `coalesceKey` took its place.
   *
   * @throws OverloadedError if too much waits already and it is not `patient`, or it has waited too long among too many (CoDel);
   *   NetworkTimeoutError `DEADLINE_EXCEEDED`; AbortedError if the signal aborts while it waits; ClosedError;
   *   ValidationError `FRAME_TOO_LARGE`. Whatever is thrown, the frame was not sent.
   */
  async send(frame: Uint8Array, options: EgressSendOptions): Promise<"sent" | "superseded"> {
    const { type, signal } = options;
    throwIfAborted(signal);
    const queued = options.patient
      ? await this.#submitPatiently(frame, options)
      : this.#submit(frame, type, options);
    if (queued.fate instanceof Error) throw queued.fate;
    if (queued.fate) return queued.fate;
    const { promise, resolve, reject } = Promise.withResolvers<"sent" | "superseded">();
    queued.onSettled = (fate) => (fate instanceof Error ? reject(fate) : resolve(fate));
    using _listener = onAbort(signal, () => signal && this.#withdraw(queued, signal));
    return await promise;
  }

  /**
   * Takes no more frames; whoever waits gets a `ClosedError`, with `error` as its cause. What the link has is not
   * touched. Closing again does nothing.
   */
  close(error?: unknown): void {
    if (this.#end) return;
    this.#end = closedError(this.#peerId, error);
    this.#alarm.cancel();
    this.#outlet.close();
    this.#context.onClosed();
    this.#room.dismiss(this.#end);
    this.#patience.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #submit(frame: Uint8Array, type: string, options: EgressOfferOptions | undefined): QueuedFrame {
    if (this.#end) throw this.#end;
    assertBytes(frame);
    const nowMs = this.#context.clock.monotonicMs();
    const queued = new QueuedFrame(frame, type, this.#flows.get(type), nowMs);
    if (options) this.#apply(queued, options);
    this.#assertFits(queued);
    this.#room.enter(queued);
    this.#pump(nowMs);
    return queued;
  }

  #apply(queued: QueuedFrame, options: EgressOfferOptions): void {
    const { deadlineMs, coalesceKey, onSettled, refusable = true } = options;
    queued.onSettled = onSettled;
    queued.refusable = refusable;
    // Types that nobody has named share a flow, but no keys.
    if (coalesceKey !== undefined) {
      queued.coalesceKey = `${queued.type.length}:${queued.type}${coalesceKey}`;
    }
    if (deadlineMs === undefined) return;
    if (typeof deadlineMs !== "number" || !(deadlineMs >= 0)) {
      throw new ValidationError(`deadlineMs must be a number of 0 or more, not ${deadlineMs}`);
    }
    queued.dueAtMs = queued.enqueuedAtMs + deadlineMs;
    if (deadlineMs === 0) throw lateError(queued, this.#peerId);
  }

  #assertFits(queued: QueuedFrame): void {
    const { bytes, isReserved } = queued;
    if (bytes > this.#maxFrameBytes) {
      throw tooLargeError(queued, this.#peerId, this.#maxFrameBytes);
    }
    if (this.#hasRoom(budgetBytes(bytes) - this.#freedBy(queued), isReserved)) return;
    throw fullError(queued, this.#peerId, this.#budget.bytes);
  }

  #hasRoom(bytes: number, isReserved: boolean): boolean {
    // What will not have to wait needs no room: others' queues may be as full as they like.
    const passes = this.#budget.frames === 0 && !this.#outlet.isBlocked;
    return passes || bytes <= 0 || this.#budget.fits(bytes, isReserved);
  }

  async #submitPatiently(frame: Uint8Array, options: EgressSendOptions): Promise<QueuedFrame> {
    const { type, signal } = options;
    assertBytes(frame);
    const room = budgetBytes(frame.byteLength);
    const isReserved = this.#flows.get(type).level === 0;
    const hasRoom = (): boolean => this.#end !== undefined || this.#hasRoom(room, isReserved);
    const submit = (): QueuedFrame => this.#submit(frame, type, options);
    return await this.#patience.inTurn(hasRoom, submit, signal);
  }

  /** What the frame takes the place of needs no room any more. */
  #freedBy({ flow, coalesceKey, isReserved }: QueuedFrame): number {
    const old = coalesceKey === undefined ? undefined : flow.keyed(coalesceKey);
    return old && old.isReserved === isReserved ? budgetBytes(old.bytes) : 0;
  }

  #withdraw(queued: QueuedFrame, signal: AbortSignal): void {
    this.#room.withdraw(queued, abortedError(signal));
    // It may have held up others, for tokens or for credit.
    this.#pump(this.#context.clock.monotonicMs());
  }

  /** Sends while something may go. A link or a sender that calls back meanwhile finds this loop at work. */
  #pump(startMs: number): void {
    if (this.#pumping || this.#end) return;
    this.#pumping = true;
    let nowMs = startMs;
    for (let sent = 1; this.#step(nowMs); sent++) {
      if (sent % FRAMES_PER_READING === 0) nowMs = this.#context.clock.monotonicMs();
    }
    this.#pumping = false;
    this.#arm();
    this.#patience.wake();
  }

  /** Sends one frame, if one may go. */
  #step(nowMs: number): boolean {
    this.#room.expire(nowMs);
    if (this.#budget.frames === 0 || this.#outlet.isBlocked || this.#end) return false;
    this.#scheduler.release(nowMs);
    if (!this.#outlet.mayGo(this.#scheduler.isUrgent, nowMs)) return false;
    const queued = this.#scheduler.next(nowMs, this.#outlet.isCriticalOnly);
    if (queued) this.#transmit(queued, nowMs);
    if (this.#scheduler.refused.length > 0) this.#room.tellRefused(nowMs);
    if (this.#scheduler.shaped.length > 0) this.#tellShaped();
    return queued !== undefined;
  }

  #transmit(queued: QueuedFrame, nowMs: number): void {
    if (!this.#outlet.takeCredit(queued)) {
      this.#scheduler.putBack(queued);
      return;
    }
    queued.isLeaving = true;
    try {
      this.#outlet.send(queued, nowMs);
    } catch (error) {
      this.#notTaken(queued, error);
      return;
    }
    this.#scheduler.sent(queued, nowMs);
    this.#context.traffic.sent(queued.bytes, nowMs);
    this.#room.settle(queued, "sent");
  }

  /** The link refused the frame: for now, if it is overloaded, else for good. */
  #notTaken(queued: QueuedFrame, error: unknown): void {
    queued.isLeaving = false;
    if (this.#end) {
      this.#room.settle(queued, this.#end);
      return;
    }
    this.#scheduler.putBack(queued);
    if (OverloadedError.is(error)) this.#outlet.block();
    else this.close(error);
  }

  #tellShaped(): void {
    for (const { type, bytes } of this.#scheduler.shaped.splice(0)) {
      this.#context.onThrottled(type, bytes);
    }
  }

  /** The alarm follows what time alone will change: tokens that come, deadlines that pass. */
  #arm(): void {
    if (this.#end) return;
    const releaseAtMs = this.#outlet.isBlocked
      ? Number.POSITIVE_INFINITY
      : this.#scheduler.releaseAtMs;
    this.#alarm.set(Math.min(releaseAtMs, this.#room.nextDeadlineMs));
  }
}

function assertBytes(frame: unknown): void {
  if (!(frame instanceof Uint8Array)) throw new ValidationError("a frame must be a Uint8Array");
}
