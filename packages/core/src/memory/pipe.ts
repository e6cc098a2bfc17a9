import type { Clock, Timer } from "../clock.ts";
import type { CloseReason } from "../link/transport.ts";
import type { FaultState } from "./faults.ts";

/** What the receiving end of a {@link Pipe} does. */
export interface PipeSink {
  frame(frame: Uint8Array): void;
  end(reason: CloseReason): void;
  /** Something left the pipe. */
  moved(): void;
}

/** A frame or the end. */
interface Item {
  readonly arrivesAtMs: number;
  readonly frame?: Uint8Array;
  readonly end?: CloseReason;
  /** True for news that did not come by this way: of the way itself. */
  readonly isLocal?: boolean;
}

/** One direction of a memory link: frames in order, after a delay, while nothing blocks the way. */
export class Pipe {
  readonly from: string;
  readonly to: string;
  readonly #faults: FaultState;
  readonly #clock: Clock;
  readonly #consumed = Promise.withResolvers<void>();
  readonly #items: Item[] = [];
  #sink: PipeSink | undefined;
  #flowing = false;
  #bytes = 0;
  #timer: Timer | undefined;
  #pumping = false;
  #isCut = false;

  constructor(from: string, to: string, faults: FaultState, clock: Clock) {
    this.from = from;
    this.to = to;
    this.#faults = faults;
    this.#clock = clock;
  }

  /** Bytes under way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when the end has arrived at the other side. */
  get consumed(): Promise<void> {
    return this.#consumed.promise;
  }

  connect(sink: PipeSink): void {
    this.#sink = sink;
  }

  push(frame: Uint8Array): void {
    if (this.#isCut) return;
    this.#bytes += frame.byteLength;
    this.#add({ frame, arrivesAtMs: this.#arrival() });
  }

  end(reason: CloseReason): void {
    if (!this.#isCut) this.#add({ end: reason, arrivesAtMs: this.#arrival() });
  }

  /** Drops what is under way; the other side will only see this end, as soon as it can get there. */
  cut(reason: CloseReason): void {
    this.#replaceBy({ end: reason, arrivesAtMs: this.#arrival() });
  }

  /** The same, but the other side sees it at once: it happened there. */
  break(reason: CloseReason): void {
    this.#replaceBy({ end: reason, arrivesAtMs: 0, isLocal: true });
  }

  /** Nobody is at either end any more. */
  discard(): void {
    this.#isCut = true;
    this.#clear();
  }

  setFlowing(flowing: boolean): void {
    this.#flowing = flowing;
    this.wake();
  }

  /** Something changed: moves on in the next microtask, so that nobody is called back from within his call. */
  wake(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #arrival(): number {
    return this.#clock.monotonicMs() + this.#faults.delayMs(this.from, this.to);
  }

  #add(item: Item): void {
    this.#items.push(item);
    this.wake();
  }

  #replaceBy(item: Item): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#clear();
    this.#add(item);
  }

  #clear(): void {
    this.#items.length = 0;
    this.#bytes = 0;
    this.#timer?.cancel();
  }

  #pump(): void {
    for (let item = this.#next(); item; item = this.#next()) {
      this.#items.shift();
      if (item.frame) this.#arrive(item.frame);
      if (item.end) this.#finish(item.end);
    }
  }

  #next(): Item | undefined {
    const item = this.#items[0];
    if (!item || !this.#flowing || this.#isBlocked(item)) return undefined;
    const wait = item.arrivesAtMs - this.#clock.monotonicMs();
    if (wait <= 0) return item;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimeout(() => this.#pump(), wait);
    return undefined;
  }

  #isBlocked({ isLocal = false }: Item): boolean {
    return isLocal ? this.#faults.isFrozen(this.to) : this.#faults.blocked(this.from, this.to);
  }

  #arrive(frame: Uint8Array): void {
    this.#bytes -= frame.byteLength;
    this.#sink?.frame(frame);
    this.#sink?.moved();
  }

  #finish(reason: CloseReason): void {
    this.#clear();
    this.#sink?.end(reason);
    this.#consumed.resolve();
  }
}
