import type { SendCredit } from "../credit/send-credit.ts";
import type { Share, SharedBandwidth } from "../shaping/shared-bandwidth.ts";
import type { FrameSink } from "./frame-sink.ts";
import type { QueuedFrame } from "./queued-frame.ts";

export interface OutletOptions {
  readonly sink: FrameSink;
  readonly credit: SendCredit | undefined;
  readonly bandwidth: SharedBandwidth | undefined;
  readonly share: Share | undefined;
  /** It takes frames again. */
  readonly onOpen: () => void;
  /** It never will. */
  readonly onEnd: (error: unknown) => void;
}

/** What a frame must pass to leave: the part of a shared bandwidth, the receiver's credit, and the link. */
export class Outlet {
  readonly #options: OutletOptions;
  readonly #closing = new AbortController();
  readonly #stopListening: (() => void) | undefined;
  #isBlocked = false;
  #isOutOfCredit = false;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#stopListening = options.credit?.onGranted(() => {
      this.retryCredit();
      options.onOpen();
    });
  }

  /** True while the link takes nothing. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** True while the receiver allows critical frames only. */
  get isCriticalOnly(): boolean {
    return this.#isOutOfCredit;
  }

  /** Whether a frame may be looked for while it is not blocked. If not, `onOpen` is called when one may. */
  mayGo(isUrgent: boolean, nowMs: number): boolean {
    const { bandwidth, share } = this.#options;
    return !bandwidth || !share || bandwidth.mayGo(share, isUrgent, nowMs);
  }

  /** Takes the credit that a frame needs. If there is not enough, only critical frames go until there is. */
  takeCredit({ flow, bytes }: QueuedFrame): boolean {
    const { credit } = this.#options;
    if (!credit || flow.level === 0) return true;
    this.#isOutOfCredit = !credit.tryTake(bytes);
    return !this.#isOutOfCredit;
  }

  /** Another frame may be the next one than the one that lacked credit. */
  retryCredit(): void {
    this.#isOutOfCredit = false;
  }

  /** Gives the frame to the link. @throws what the link throws: then it was not taken. */
  send({ frame, flow, bytes }: QueuedFrame, nowMs: number): void {
    const { sink, credit, bandwidth, share } = this.#options;
    try {
      if (!sink.send(frame)) this.block();
    } catch (error) {
      if (flow.level !== 0) credit?.giveBack(bytes);
      throw error;
    }
    if (share) bandwidth?.spend(share, bytes, nowMs);
  }

  /** The link takes no frame until it has drained. */
  block(): void {
    this.#isBlocked = true;
    void this.#unblock();
  }

  close(): void {
    const { bandwidth, share } = this.#options;
    this.#closing.abort();
    this.#stopListening?.();
    if (share) bandwidth?.leave(share);
  }

  async #unblock(): Promise<void> {
    try {
      await this.#options.sink.drained({ signal: this.#closing.signal });
    } catch (error) {
      this.#options.onEnd(error);
      return;
    }
    this.#isBlocked = false;
    this.#options.onOpen();
  }
}
