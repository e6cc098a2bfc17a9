import { timingSafeEqual } from "node:crypto";
import { AuthenticationError } from "@net/core";
import { type KnownPeers, KnownPeersInMemory } from "./known-peers.ts";

/** A peer id, and the device that uses it. */
export interface IdHolder {
  readonly peerId: string;
  /** The raw public key that it has proven to hold. */
  readonly device: Uint8Array;
}

/** Who says that a device may take an id from another: nobody, the owner, or a token that names the key it replaces. */
export type Succession = "none" | "any" | { readonly replaces: Uint8Array };

interface Held {
  readonly device: Uint8Array;
  links: number;
}

/**
 * Sees to it that a peer id is one device's: as long as it is linked, and where devices keep their keys, ever after. Another
 * key under the id is refused, unless somebody who may has named it the successor.
 */
export class KeyBindings {
  readonly #known: KnownPeers;
  readonly #held = new Map<string, Held>();

  constructor(known: KnownPeers = new KnownPeersInMemory()) {
    this.#known = known;
  }

  /** @throws AuthenticationError if the id is another device's. */
  async check(holder: IdHolder, succession: Succession): Promise<void> {
    this.#assertNotHeld(holder, succession);
    const { peerId, device } = holder;
    const known = await this.#known.get(peerId);
    if (!known || sameKey(known, device) || mayFollow(known, succession)) return;
    throw taken(peerId, "is known here under another key, and no successor of that one was named");
  }

  /** The device uses the id until that promise settles. @throws AuthenticationError if another does meanwhile. */
  hold(holder: IdHolder, succession: Succession, until: Promise<unknown>): void {
    this.#assertNotHeld(holder, succession);
    const { peerId, device } = holder;
    const held = this.#held.get(peerId);
    const holding = held && sameKey(held.device, device) ? held : { device, links: 0 };
    holding.links += 1;
    this.#held.set(peerId, holding);
    const release = (): void => {
      holding.links -= 1;
      if (holding.links === 0 && this.#held.get(peerId) === holding) this.#held.delete(peerId);
    };
    until.then(release, release);
  }

  /** The device will have the same key next time. */
  async remember({ peerId, device }: IdHolder): Promise<void> {
    await this.#known.set(peerId, device);
  }

  #assertNotHeld({ peerId, device }: IdHolder, succession: Succession): void {
    const held = this.#held.get(peerId);
    if (!held || sameKey(held.device, device) || mayFollow(held.device, succession)) return;
    throw taken(peerId, "is linked here with another key: no two devices have one id");
  }
}

function mayFollow(known: Uint8Array, succession: Succession): boolean {
  if (typeof succession === "string") return succession === "any";
  return sameKey(known, succession.replaces);
}

function sameKey(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}

function taken(peerId: string, why: string): AuthenticationError {
  return new AuthenticationError(`${peerId} ${why}`, { details: { peerId } });
}
