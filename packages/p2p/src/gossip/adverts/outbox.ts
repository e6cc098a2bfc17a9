import type { Clock, Timer } from "@net/core";
import { GossipKind } from "../kinds.ts";
import type { Neighbour, Sender } from "../neighbour.ts";

/** How long a neighbour whose queue is full is left alone, in ms. */
const RETRY_DELAY = 250;

/**
 * Which adverts each neighbour is still to get: names only, so that a slow one costs no memory, and gets the newest of
 * each peer when it has room, not all that there were.
 */
export class AdvertOutbox {
  readonly #sender: Sender;
  readonly #clock: Clock;
  readonly #frameOf: (origin: string) => Uint8Array | undefined;
  readonly #owed = new Map<Neighbour, Set<string>>();
  #retry: Timer | undefined;

  constructor(sender: Sender, clock: Clock, frameOf: (origin: string) => Uint8Array | undefined) {
    this.#sender = sender;
    this.#clock = clock;
    this.#frameOf = frameOf;
  }

  /** Those to whom there is a link. */
  get neighbours(): readonly Neighbour[] {
    return [...this.#owed.keys()];
  }

  has(neighbour: Neighbour): boolean {
    return this.#owed.has(neighbour);
  }

  add(neighbour: Neighbour): void {
    this.#owed.set(neighbour, new Set());
  }

  remove(neighbour: Neighbour): void {
    this.#owed.delete(neighbour);
  }

  /** To all but one. */
  spread(origin: string, except?: Neighbour): void {
    for (const neighbour of this.neighbours) {
      if (neighbour !== except) this.owe(neighbour, [origin]);
    }
  }

  owe(neighbour: Neighbour, origins: Iterable<string>): void {
    const owed = this.#owed.get(neighbour);
    if (!owed) return;
    const wasEmpty = owed.size === 0;
    for (const origin of origins) owed.add(origin);
    if (wasEmpty) this.flush(neighbour);
  }

  /** The neighbour has shown that it has it. */
  settle(neighbour: Neighbour, origin: string): void {
    this.#owed.get(neighbour)?.delete(origin);
  }

  /** Sends what there is room for. */
  flush(neighbour: Neighbour): void {
    const owed = this.#owed.get(neighbour);
    for (const origin of owed ?? []) {
      owed?.delete(origin);
      const frame = this.#frameOf(origin);
      if (!frame || this.#sender.offer(neighbour, GossipKind.advert, frame)) continue;
      owed?.add(origin);
      this.#retryLater();
      return;
    }
  }

  stop(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#owed.clear();
  }

  #retryLater(): void {
    this.#retry ??= this.#clock.setTimeout(
      () => {
        this.#retry = undefined;
        for (const neighbour of this.neighbours) this.flush(neighbour);
      },
      RETRY_DELAY,
      { background: true },
    );
  }
}
