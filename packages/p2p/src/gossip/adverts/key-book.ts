import { AuthenticationError, type Clock } from "@net/core";
import type { OwnerTrust } from "@net/core/identity";
import { MAX_ORIGINS } from "@net/routing";

/** How long the key of a peer that is gone stays bound to its name, in ms. */
export const KEY_MEMORY: number = 15 * 60_000;
/** How often a certificate that was accepted is looked at again, in ms: time passes, and owners learn. */
const RECHECK_INTERVAL = 30_000;

export interface KeyBookOptions {
  readonly self: string;
  /** The device key of this peer. */
  readonly ownKey: Uint8Array;
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

interface Entry {
  readonly key: Uint8Array;
  /** The certificate by which it was accepted. */
  readonly certificate: string | undefined;
  readonly checkedAtMs: number;
  lastUsedMs: number;
}

/**
 * Whose key is whose. A name belongs to the key that the owner certified for it; else to the one that proved itself in a
 * handshake under that name; else to the first that used it, as long as its peer is known and 15 minutes more.
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
   * @returns the key to verify with: always the same object for the same key.
   * @throws AuthenticationError saying why not; ValidationError for a certificate that is none.
   */
  check({ origin, key, certificate }: Claim): Uint8Array {
    const { self, ownKey, trust } = this.#options;
    if (origin === self) return same(ownKey, key, origin);
    if (trust?.isRevoked(key)) {
      throw new AuthenticationError(`the owner has revoked the key of ${origin}`);
    }
    const known = this.#entries.get(origin);
    if (trust && certificate !== undefined) {
      this.#checkCertificate(trust, { origin, key, certificate }, known);
      return known && isSame(known.key, key) ? known.key : key;
    }
    return this.#checkUncertified(origin, key, known);
  }

  /** Binds the name to the key: the signature was right. */
  bind({ origin, key, certificate }: Claim): void {
    const { self, clock } = this.#options;
    if (origin === self) return;
    const nowMs = clock.monotonicMs();
    const known = this.#entries.get(origin);
    this.#entries.delete(origin);
    if (this.#entries.size >= MAX_ORIGINS) this.#forgetOldest();
    const before = known && isSame(known.key, key) ? known : undefined;
    const isSameClaim = before !== undefined && before.certificate === certificate;
    this.#entries.set(origin, {
      key,
      certificate: certificate ?? before?.certificate,
      checkedAtMs: isSameClaim && this.#isFresh(before) ? before.checkedAtMs : nowMs,
      lastUsedMs: nowMs,
    });
  }

  /** Forgets the keys that nobody used for long. */
  expire(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [origin, { lastUsedMs }] of this.#entries) {
      if (nowMs - lastUsedMs <= KEY_MEMORY) return;
      this.#entries.delete(origin);
    }
  }

  /** Verifying a certificate costs as much as verifying the advert: not done again for the same one at each advert. */
  #checkCertificate(
    trust: OwnerTrust,
    { origin, key, certificate }: Claim & { readonly certificate: string },
    known: Entry | undefined,
  ): void {
    const isAccepted = known?.certificate === certificate && isSame(known.key, key);
    if (isAccepted && this.#isFresh(known)) return;
    const { name } = trust.accept(certificate, key);
    if (name !== origin) {
      throw new AuthenticationError(`${origin} came with the certificate of ${name}`);
    }
  }

  #isFresh({ checkedAtMs }: Entry): boolean {
    return this.#options.clock.monotonicMs() - checkedAtMs < RECHECK_INTERVAL;
  }

  #checkUncertified(origin: string, key: Uint8Array, known: Entry | undefined): Uint8Array {
    const { keyOf, trust } = this.#options;
    const proven = keyOf?.(origin);
    if (known?.certificate === undefined && proven) return same(proven, key, origin);
    if (known) return same(known.key, key, origin);
    if (trust?.devices.some(({ name }) => name === origin)) {
      throw new AuthenticationError(`${origin} is a device of the owner, and came without proof`);
    }
    return key;
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
