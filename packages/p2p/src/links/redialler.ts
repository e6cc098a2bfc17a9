import { type Clock, onAbort, type Rng } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { DialPeerOptions } from "./caller.ts";
import { Kept, type KeptLink } from "./kept.ts";

export interface RediallerOptions<Link extends KeptLink> {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Ends all redialling. */
  readonly closing: AbortSignal;
  readonly dial: (address: string, options: DialPeerOptions) => Promise<Link>;
}

/**
 * Keeps links: whenever one ends, its peer is dialled, wherever it may be, until it answers or refuses.
 *
 * The waits have full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015) and are short for minutes, so that a
 * network that was cut finds together within seconds; a link that dies young does not start them anew.
 */
export class Redialler<Link extends KeptLink = Channel> {
  readonly #options: RediallerOptions<Link>;
  readonly #kept = new Map<Kept<Link>, Promise<void>>();

  constructor(options: RediallerOptions<Link>) {
    this.#options = options;
  }

  /** A peer, and an address, is kept once, however often it is asked for: at another address, it may be found there too. */
  keep(address: string, link: Link, token: string | undefined): void {
    const known = this.#find((kept) => kept.peerId === link.peerId || kept.isAt(address));
    if (known) known.alsoAt(address);
    else this.#start(new Kept(address, link, token, this.#options));
  }

  /**
   * Dials those that are missing now, and gives up what is under way: this machine woke, or has another address.
   *
   * @param peerId only this one: it was seen somewhere.
   */
  hurry(peerId?: string): void {
    for (const kept of this.#kept.keys()) {
      if (peerId === undefined || kept.peerId === peerId) kept.hurry();
    }
  }

  /** Resolves when nothing is redialled any more; the closing signal must have aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#kept.values());
  }

  #find(matches: (kept: Kept<Link>) => boolean): Kept<Link> | undefined {
    return [...this.#kept.keys()].find(matches);
  }

  #start(kept: Kept<Link>): void {
    const listener = onAbort(this.#options.closing, () => kept.stop());
    const keeping = kept.run().finally(() => {
      listener[Symbol.dispose]();
      this.#kept.delete(kept);
    });
    this.#kept.set(kept, keeping);
  }
}
