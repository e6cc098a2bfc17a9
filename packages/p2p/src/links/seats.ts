import { OverloadedError } from "@net/core";
import { alreadyLinked } from "./refusal.ts";

export interface SeatsOptions {
  /** This peer. */
  readonly peerId: string;
  readonly maxPeers: number;
  readonly isLinked: (peerId: string) => boolean;
  /** How many links there are. */
  readonly linkCount: () => number;
  /** A peer that is linked has dialled, and proven who it is: to its mind there may be no link any more. */
  readonly onDialledAnew?: ((peerId: string) => void) | undefined;
}

/** A seat that a dial of ours holds until it is disposed of. */
export interface Claim extends Disposable {
  /** The same promise: if it rejects, others that wait for this dial hear why. */
  told<T>(handshake: Promise<T>): Promise<T>;
}

/**
 * Sees to it that two peers have one link, also when they dial each other at the same moment.
 *
 * An older link stays and a newer one is refused. Of two handshakes under way, the one that the peer with the smaller
 * id started wins, and no question is needed: that peer, having claimed the other, refuses the other's dial; the
 * other, which takes the winner's link, finds the seat taken when it goes on with its own.
 */
export class Seats {
  readonly #options: SeatsOptions;
  /** Whom we dialled, and know by now. */
  readonly #claims = new Map<string, Promise<unknown>>();

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  /** We dialled that peer and want to go on. @throws NetworkError `CONFLICT`; OverloadedError. */
  claim(peerId: string): Claim {
    this.#assertFree(peerId);
    if (this.#claims.has(peerId)) throw alreadyLinked(`${peerId} is being dialled already`);
    const released = Promise.withResolvers<unknown>();
    this.#claims.set(peerId, released.promise);
    let failure: unknown;
    return {
      told: (handshake) =>
        handshake.catch((error: unknown) => {
          failure = error;
          throw error;
        }),
      [Symbol.dispose]: () => {
        this.#claims.delete(peerId);
        released.resolve(failure);
      },
    };
  }

  /** Resolves when a dial of ours to that peer is over, with why it failed, if it did; undefined if there is none. */
  released(peerId: string): Promise<unknown> | undefined {
    return this.#claims.get(peerId);
  }

  /** That peer dialled us and has proved who it is. @throws NetworkError `CONFLICT`; OverloadedError. */
  confirm(peerId: string): void {
    const { isLinked, onDialledAnew } = this.#options;
    if (isLinked(peerId)) onDialledAnew?.(peerId);
    this.#assertFree(peerId);
    if (this.#claims.has(peerId) && this.#options.peerId < peerId) {
      throw alreadyLinked(`${this.#options.peerId} is dialling ${peerId} at the same time`);
    }
  }

  /** @throws OverloadedError when no further link may be had. */
  assertRoom(): void {
    const { linkCount, maxPeers } = this.#options;
    if (linkCount() < maxPeers) return;
    throw new OverloadedError(`this peer has the ${maxPeers} links that it may have`);
  }

  #assertFree(peerId: string): void {
    if (this.#options.isLinked(peerId)) {
      throw alreadyLinked(`there is a link between ${this.#options.peerId} and ${peerId} already`);
    }
    this.assertRoom();
  }
}
