import { AuthenticationError, type Clock } from "@net/core";
import type { OwnerTrust } from "@net/core/identity";
import { MAX_ORIGINS } from "@net/routing";

/** How long the key of a peer that is gone stays bound to its name, in ms. */
const KEY_MEMORY: number = 15 * 60_000;
/** How often a certificate that was accepted is looked at again, in ms: time passes, and owners learn. */
const RECHECK_INTERVAL = 30_000;

export interface KeyBookOptions {
  readonly self: string;
  /** The device key of this peer. */
  readonly ownKey: Uint8Array;
  readonly networkId: string;
  readonly trust?: OwnerTrust | undefined;
  /** The key that a peer proved to hold in a handshake with this one; undefined for all who never met it. */
  readonly keyOf?: ((peerId: string) => Uint8Array | undefined) | undefined;
  readonly clock: Clock;
}

/** What a peer comes with to say whose key it is. */
export interface Claim {
  readonly origin: string;
  readonly key: Uint8Array;
  readonly certificate: string | undefined;
}

/** What binds a name to a key, once a signature of that key was right. */
export interface Binding extends Claim {
  /** By the word of this peer's own owner. */
  readonly isOwned: boolean;
  readonly checkedAtMs: number;
}

interface Entry extends Binding {
  readonly lastUsedMs: number;
}

/**
 * Whose key is whose. A name belongs to the key that this peer's owner certified for it; else to the one that proved
 * itself in a handshake under that name; else to the first that used it, as long as its peer is known and 15 minutes
 * more. What other owners certified must be right, too, but says nothing about names here.
 */
export class KeyBook {
  readonly #options: KeyBookOptions;
  /** The one that was used longest ago comes first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: KeyBookOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The key that is bound to that name, if any was seen; not one that was revoked since. */
  keyOf(origin: string): Uint8Array | undefined {
    if (origin === this.#options.self) return this.#options.ownKey;
    const key = this.#entries.get(origin)?.key;
    return key && !this.#options.trust?.isRevoked(key) ? key : undefined;
  }

  /**
   * Whether that name may come with that key. Nothing is remembered yet: first the signature must be right.
   *
   * @returns what to verify with, and then to bind: its key is always the same object for the same key.
   * @throws AuthenticationError saying why not; ValidationError for a certificate that is none.
   */
  check(claim: Claim): Binding {
    const { self, ownKey, trust, clock } = this.#options;
    const { origin, key } = claim;
    const fresh = { ...claim, isOwned: false, checkedAtMs: clock.monotonicMs() };
    if (origin === self) return { ...fresh, key: same(ownKey, key, origin) };
    if (trust?.isRevoked(key)) {
      throw new AuthenticationError(`the owner has revoked the key of ${origin}`);
    }
    const known = this.#entries.get(origin);
    if (known && this.#isUnchanged(known, claim)) return known;
    if (this.#isOwned(claim)) {
      return { ...fresh, isOwned: true, key: known && isSame(known.key, key) ? known.key : key };
    }
    return { ...fresh, key: this.#unowned(origin, key, known) };
  }

  /** The signature was right. */
  bind(binding: Binding): void {
    const { self, clock } = this.#options;
    const { origin } = binding;
    if (origin === self) return;
    this.#entries.delete(origin);
    if (this.#entries.size >= MAX_ORIGINS) this.#forgetOldest();
    this.#entries.set(origin, { ...binding, lastUsedMs: clock.monotonicMs() });
  }

  /** Forgets the keys that nobody used for long. */
  expire(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [origin, { lastUsedMs }] of this.#entries) {
      if (nowMs - lastUsedMs <= KEY_MEMORY) return;
      this.#entries.delete(origin);
    }
  }

  /** Verifying a certificate costs as much as verifying an advert: not done again for the same one at each advert. */
  #isUnchanged(known: Entry, { origin, key, certificate }: Claim): boolean {
    const { clock, keyOf } = this.#options;
    const isFresh = clock.monotonicMs() - known.checkedAtMs < RECHECK_INTERVAL;
    if (!isFresh || known.certificate !== certificate || !isSame(known.key, key)) return false;
    const proven = known.isOwned ? undefined : keyOf?.(origin);
    return !proven || isSame(proven, key);
  }

  /** @throws AuthenticationError unless the certificate counts, or is of an owner who is not known here. */
  #isOwned({ origin, key, certificate }: Claim): boolean {
    const { trust, networkId } = this.#options;
    if (!trust || certificate === undefined) return false;
    const { isOwn, isGuest, isHost } = trust.relationTo(certificate, networkId);
    let name = origin;
    if (isOwn) name = trust.accept(certificate, key).name;
    else if (isGuest) name = trust.acceptGuest(certificate, key, networkId).certificate.name;
    else if (isHost) name = trust.acceptHost(certificate, key).name;
    if (name === origin) return isOwn;
    throw new AuthenticationError(`${origin} came with the certificate of ${name}`);
  }

  /** The key of one who is no device of this peer's owner. */
  #unowned(origin: string, key: Uint8Array, known: Entry | undefined): Uint8Array {
    const { keyOf, trust } = this.#options;
    if (known?.isOwned || trust?.devices.some(({ name }) => name === origin)) {
      throw new AuthenticationError(`${origin} is a device of the owner, and came without proof`);
    }
    const bound = keyOf?.(origin) ?? known?.key;
    return bound ? same(bound, key, origin) : key;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function same(bound: Uint8Array, key: Uint8Array, origin: string): Uint8Array {
  if (isSame(bound, key)) return bound;
  throw new AuthenticationError(`the name ${origin} belongs to another key`);
}

/** Public keys: nothing to hide in how long this takes. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
