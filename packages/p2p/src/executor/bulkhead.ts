import { abortedError, OverloadedError, onAbort, throwIfAborted } from "@net/core";

interface Waiter {
  readonly peers: ReadonlySet<string>;
  readonly enter: (peerId: string) => void;
}

export interface BulkheadOptions {
  readonly maxPerPeer: number;
  readonly maxWaiting: number;
}

/** How many calls are at each peer from here, and the queue before them: one slow peer cannot take up all that this one has. */
export class Bulkhead {
  readonly #options: BulkheadOptions;
  readonly #inFlight = new Map<string, number>();
  /** In the order they came. */
  readonly #waiting = new Set<Waiter>();

  constructor(options: BulkheadOptions) {
    this.#options = options;
  }

  /** Peers that are at work for this one, and on how many calls. */
  get inFlight(): ReadonlyMap<string, number> {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  hasRoom(peerId: string): boolean {
    return this.#at(peerId) < this.#options.maxPerPeer;
  }

  /** Takes a place at a peer. */
  enter(peerId: string): void {
    this.#inFlight.set(peerId, this.#at(peerId) + 1);
  }

  /** Gives the place to whoever waits for one at that peer, or back. */
  leave(peerId: string): void {
    const left = this.#at(peerId) - 1;
    if (left > 0) this.#inFlight.set(peerId, left);
    else this.#inFlight.delete(peerId);
    if (this.hasRoom(peerId)) this.#next(peerId)?.enter(peerId);
  }

  /**
   * Waits for a place at any of those peers, and takes it.
   *
   * @returns at which.
   * @throws OverloadedError if too many wait; AbortedError, NetworkTimeoutError `DEADLINE_EXCEEDED`.
   */
  async wait(peers: ReadonlySet<string>, signal: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    const { maxWaiting } = this.#options;
    if (this.#waiting.size >= maxWaiting) {
      throw new OverloadedError(`${maxWaiting} calls wait for a place at a peer already`);
    }
    const turn = Promise.withResolvers<string>();
    const waiter: Waiter = { peers, enter: (peerId) => this.#enterNext(waiter, peerId, turn) };
    this.#waiting.add(waiter);
    using _listener = onAbort(signal, () => {
      if (this.#waiting.delete(waiter)) turn.reject(abortedError(signal));
    });
    return await turn.promise;
  }

  #next(peerId: string): Waiter | undefined {
    for (const waiter of this.#waiting) {
      if (waiter.peers.has(peerId)) return waiter;
    }
    return undefined;
  }

  #enterNext(waiter: Waiter, peerId: string, turn: PromiseWithResolvers<string>): void {
    this.#waiting.delete(waiter);
    this.enter(peerId);
    turn.resolve(peerId);
  }

  #at(peerId: string): number {
    return this.#inFlight.get(peerId) ?? 0;
  }
}
