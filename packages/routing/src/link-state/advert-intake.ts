import { AuthenticationError, type Clock, NetworkError, ValidationError } from "@net/core";
import { type AdvertVersion, isNewer, type LinkStateAdvert } from "./advert.ts";
import { canonicalBytes } from "./canonical-advert.ts";
import type { LinkStateDatabase } from "./database.ts";
import { isKnown } from "./known-copy.ts";
import { parseAdvert } from "./parse-advert.ts";

/**
 * Whether the origin signed what the advert says. If it throws, the advert counts as not signed.
 *
 * @param content the bytes that were signed, see `canonicalBytes`.
 */
export type VerifyAdvert = (advert: LinkStateAdvert, content: Uint8Array) => boolean;

const stale = { kind: "stale" } as const;

/** What became of an advert that was looked at: `own` is a newer one in this node's own name. */
export type Intake =
  | { readonly kind: "news" | "own"; readonly advert: LinkStateAdvert }
  | { readonly kind: "stale" }
  | { readonly kind: "rejected"; readonly error: NetworkError };

export interface AdvertIntakeOptions {
  readonly self: string;
  readonly clock: Clock;
  readonly database: LinkStateDatabase;
  readonly verify: VerifyAdvert | undefined;
  /** The version of this node's last advert. */
  readonly ownVersion: () => { readonly epoch: number; readonly seq: number };
}

/**
 * How far an epoch may lie ahead of this node's clock, in ms: more than clocks are wrong by, so that a node cannot be made
 * silent for ever by one forged advert of a far epoch (as with OSPF's sequence numbers, CVE-2017-3224).
 */
const MAX_EPOCH_AHEAD = 24 * 3_600_000;
/** A clock before 2025 was never set, and says nothing about others' epochs. */
const PLAUSIBLE_TIME: number = Date.UTC(2025, 0, 1);

/** Judges adverts as they come from outside, cheap checks first: a signature is verified only where it matters. */
export class AdvertIntake {
  readonly #options: AdvertIntakeOptions;

  constructor(options: AdvertIntakeOptions) {
    this.#options = options;
  }

  judge(value: unknown): Intake {
    const { database } = this.#options;
    const newestOf = (origin: string): AdvertVersion | undefined => database.versionOf(origin);
    if (isKnown(value, newestOf, (origin) => database.get(origin))) return stale;
    try {
      return this.#judge(parseAdvert(value));
    } catch (error) {
      if (NetworkError.is(error)) return { kind: "rejected", error };
      throw error;
    }
  }

  #judge(advert: LinkStateAdvert): Intake {
    const { self, database, ownVersion } = this.#options;
    this.#assertPlausible(advert);
    if (advert.origin === self) {
      if (!isNewer(advert, ownVersion())) return stale;
      this.#assertSigned(advert);
      return { kind: "own", advert };
    }
    if (database.isNews(advert)) {
      this.#assertSigned(advert);
      return { kind: "news", advert };
    }
    if (database.contradicts(advert)) {
      this.#assertSigned(advert);
      throw conflict(advert);
    }
    return stale;
  }

  #assertPlausible({ epoch }: LinkStateAdvert): void {
    const now = this.#options.clock.nowMs();
    if (now < PLAUSIBLE_TIME || epoch <= now + MAX_EPOCH_AHEAD) return;
    throw new ValidationError(
      "advert.epoch must not be more than a day ahead of this node's clock",
    );
  }

  #assertSigned(advert: LinkStateAdvert): void {
    const { verify } = this.#options;
    if (verify) assertVerified(verify, advert);
  }
}

/** Many verifiers throw at what is no signature at all: then it is none. */
function assertVerified(verify: VerifyAdvert, advert: LinkStateAdvert): void {
  const message = `the advert of ${advert.origin} is not signed by it`;
  let isSigned: boolean;
  try {
    isSigned = verify(advert, canonicalBytes(advert));
  } catch (cause) {
    throw new AuthenticationError(message, { cause });
  }
  if (isSigned !== true) throw new AuthenticationError(message);
}

function conflict({ origin, epoch, seq }: LinkStateAdvert): NetworkError {
  const message = `two different adverts of ${origin} claim epoch ${epoch}, seq ${seq}; the first one stays`;
  return new NetworkError("CONFLICT", message, { details: { origin, epoch, seq } });
}
