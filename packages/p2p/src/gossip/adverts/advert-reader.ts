import { type Clock, NetworkError, ProtocolError, TokenBuckets } from "@net/core";
import { ADVERT_LIFETIME, ADVERT_REFRESH, type LinkStateAdvert } from "@net/routing";
import type { Codec, Neighbour } from "../neighbour.ts";
import { copyOf } from "../read.ts";
import type { Signatures } from "../signing.ts";
import type { Suspicion } from "../suspicion.ts";
import type { AdvertFrame } from "./advert-frame.ts";
import type { HeldAdvert } from "./advert-shelf.ts";
import type { Binding, KeyBook } from "./key-book.ts";
import { type PeerAdvert, parseAdvertFields } from "./peer-advert.ts";

/** How many peers that nobody knew a neighbour may speak of: a large network at once, then 64 a second. */
const STRANGERS = { capacity: 2_048, perSecond: 64 } as const;

/**
 * The most that is believed of an advert's age, in ms. The age is said by whoever passes it on: one who lies must not
 * be able to end another peer's advert before its next one is due.
 */
const MAX_BELIEVED_AGE: number = ADVERT_LIFETIME - 1.5 * ADVERT_REFRESH;

/** An advert that its origin signed. */
export interface VerifiedAdvert {
  readonly held: HeldAdvert;
  /** Whose key it was. */
  readonly binding: Binding;
}

export interface AdvertReaderOptions {
  readonly codec: Codec;
  readonly keys: KeyBook;
  readonly signatures: Signatures;
  readonly suspicion: Suspicion;
  readonly clock: Clock;
}

/**
 * Reads adverts, and believes what is signed by whom it is about. Anybody can make up peers and sign for them: how
 * many, is limited for each neighbour, so that they do not push out those that there are.
 */
export class AdvertReader {
  readonly #options: AdvertReaderOptions;
  readonly #strangers: TokenBuckets;

  constructor(options: AdvertReaderOptions) {
    this.#options = options;
    this.#strangers = new TokenBuckets({ ...STRANGERS, clock: options.clock });
  }

  /**
   * @returns undefined for what cannot be believed, which counts against the neighbour.
   * @throws ProtocolError if it is malformed.
   */
  read(from: Neighbour, frame: AdvertFrame): VerifiedAdvert | undefined {
    const { codec, suspicion } = this.#options;
    if (suspicion.isIgnored(from) || !this.#isExpected(from, frame)) return undefined;
    const ageMs = Math.min(frame.ageMs, MAX_BELIEVED_AGE);
    const advert = parseAdvertFields(codec.decode(frame.statement), ageMs);
    assertSame(frame, advert.linkState);
    try {
      const verified = this.#verify(frame, advert);
      if (!verified) suspicion.note(from, `the advert of ${frame.origin} is not signed by it`);
      return verified;
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
      suspicion.note(from, error.message);
      return undefined;
    }
  }

  #isExpected({ peerId }: Neighbour, { origin }: AdvertFrame): boolean {
    const isKnown = this.#options.keys.keyOf(origin) !== undefined;
    return isKnown || this.#strangers.of(peerId).tryTake();
  }

  /** @throws AuthenticationError if the name belongs to another key. */
  #verify(frame: AdvertFrame, advert: PeerAdvert): VerifiedAdvert | undefined {
    const { keys, signatures } = this.#options;
    const { origin, epoch, seq, certificate } = frame;
    const binding = keys.check({ origin, key: copyOf(frame.key), certificate });
    if (!signatures.verify("advert", binding.key, frame)) return undefined;
    const signed = { signature: copyOf(frame.signature), statement: copyOf(frame.statement) };
    const held = { origin, epoch, seq, certificate, key: binding.key, ...signed, advert };
    return { held, binding };
  }
}

function assertSame(frame: AdvertFrame, { origin, epoch, seq }: LinkStateAdvert): void {
  if (frame.origin === origin && frame.epoch === epoch && frame.seq === seq) return;
  throw new ProtocolError("an advert's frame and its statement speak of different adverts");
}
