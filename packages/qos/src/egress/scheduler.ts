import { CRITICAL, type Level } from "../priority.ts";
import { ClassTurns } from "./class-turns.ts";
import { CriticalCap } from "./critical-cap.ts";
import type { Flow } from "./flow.ts";
import { FlowPlaces } from "./flow-places.ts";
import type { QueuedFrame } from "./queued-frame.ts";

/**
 * Which of the waiting frames goes next. Critical ones first, within their cap; between the classes deficit round robin,
 * and so between the flows of a class; within a flow the one that came first. A flow without tokens stands aside, and
 * CoDel keeps the wait of normal and low flows short.
 */
export class Scheduler {
  /** Frames that CoDel refused: they wait no more. To be told, and emptied, by whoever asked for the next one. */
  readonly refused: QueuedFrame[] = [];
  /** Frames that now wait for tokens. To be told, and emptied, likewise. */
  readonly shaped: QueuedFrame[] = [];
  readonly #places = new FlowPlaces();
  readonly #turns = new ClassTurns();
  readonly #cap = new CriticalCap();
  /** Whether the frame that was given last went before its turn. */
  #isJump = false;

  /** When a flow that waits for tokens may have them; Infinity if none waits. */
  get releaseAtMs(): number {
    return this.#places.releaseAtMs;
  }

  /** Whether a critical frame would go before all others. */
  get isUrgent(): boolean {
    return (this.#places.ready & 1) === 1 && this.#cap.isOpen;
  }

  add(frame: QueuedFrame): void {
    frame.flow.frames.addLast(frame);
    this.#entered(frame);
  }

  /** Flows whose tokens are there may send again. To be called before looking for a frame. */
  release(nowMs: number): void {
    this.#places.release(nowMs);
  }

  /**
   * Takes out the frame to send next. To be followed by {@link Scheduler.sent} or {@link Scheduler.putBack}.
   *
   * @param isCriticalOnly nothing else may go now.
   */
  next(nowMs: number, isCriticalOnly: boolean): QueuedFrame | undefined {
    for (let level = this.#pick(isCriticalOnly); level >= 0; level = this.#pick(isCriticalOnly)) {
      const frame = this.#takeFrom(this.#places.turn(level as Level), nowMs);
      if (frame) return frame;
    }
    return undefined;
  }

  /** The frame that `next` gave was sent: it is paid for. */
  sent({ flow, bytes }: QueuedFrame, nowMs: number): void {
    // An empty frame is not for nothing: without a cost its flow would send for ever.
    const cost = Math.max(1, bytes);
    flow.bucket?.take(bytes, nowMs);
    flow.deficit -= cost;
    if (!this.#isJump) this.#turns.spend(flow.level, cost);
    const othersWait = this.#places.ready > 1;
    this.#cap.sent(cost, this.#isJump && othersWait);
  }

  /** The frame that `next` gave could not be sent: it is the first of its flow again. */
  putBack(frame: QueuedFrame): void {
    frame.flow.frames.addFirst(frame);
    this.#entered(frame);
  }

  /** Takes out a frame that waits. */
  remove(frame: QueuedFrame): void {
    frame.flow.frames.remove(frame);
    frame.flow.unkey(frame);
    this.#left(frame);
  }

  /** A frame takes the place of one that waits in the same flow. */
  replace(old: QueuedFrame, fresh: QueuedFrame): void {
    old.flow.frames.replace(old, fresh);
    old.flow.unkey(old);
    fresh.flow.key(fresh);
    this.#left(old);
  }

  /** Takes out any frame that waits, in no particular order. */
  takeAny(): QueuedFrame | undefined {
    const frame = this.#places.any?.frames.first;
    if (frame) this.remove(frame);
    return frame;
  }

  /** From now on a flow is treated in the way that `change` sets, with what waits in it. */
  reclassify(flow: Flow, change: () => void): void {
    this.#places.rest(flow);
    change();
    if (!flow.frames.isEmpty) this.#places.admit(flow);
  }

  /** The class to take from, or −1. */
  #pick(isCriticalOnly: boolean): number {
    const { ready } = this.#places;
    this.#isJump = (ready & 1) === 1 && (isCriticalOnly || this.#cap.isOpen);
    if (this.#isJump) return CRITICAL;
    return isCriticalOnly ? -1 : this.#turns.pick(ready);
  }

  #takeFrom(flow: Flow, nowMs: number): QueuedFrame | undefined {
    const already = this.refused.length;
    const frame = flow.take(nowMs, this.refused);
    for (let i = already; i < this.refused.length; i++) flow.unkey(this.refused[i] as QueuedFrame);
    const waitMs = frame && flow.bucket ? flow.bucket.waitMs(frame.bytes, nowMs) : 0;
    if (frame && waitMs > 0) {
      flow.frames.addFirst(frame);
      this.shaped.push(frame);
      this.#places.shape(flow, nowMs + waitMs);
      return undefined;
    }
    if (frame) flow.unkey(frame);
    if (flow.frames.isEmpty) this.#places.rest(flow);
    return frame;
  }

  #entered(frame: QueuedFrame): void {
    frame.flow.key(frame);
    if (frame.flow.place === "idle") this.#places.admit(frame.flow);
  }

  #left({ flow }: QueuedFrame): void {
    if (flow.frames.isEmpty) this.#places.rest(flow);
    else if (flow.place === "shaped") this.#places.readmit(flow);
  }
}
