import type { AdvertLink, AdvertVersion, LinkStateAdvert } from "../link-state/advert.ts";
import { isNewer } from "../link-state/advert.ts";
import { canonicalBytes } from "../link-state/canonical-advert.ts";
import { COUNT_RULE, isCount, parseAdvert } from "../link-state/parse-advert.ts";
import { invalid } from "../names.ts";

/** What this node says of itself in its adverts. */
export interface LocalDescription {
  readonly name?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  /** The tools it runs for others, each as `name` or `name@version`. */
  readonly tools?: readonly string[] | undefined;
  /** Changes when anything about its tools does. */
  readonly toolsDigest?: string | undefined;
  /** What it can be picked by, each as `key=value`. */
  readonly labels?: readonly string[] | undefined;
  /** How busy it is: 0 idle, 1 full. */
  readonly load?: number | undefined;
  /** Whether it passes on what is for others. Default true. */
  readonly relay?: boolean | undefined;
}

/** Signs what an advert says; what it returns travels as the advert's `signature`. */
export type SignAdvert = (content: Uint8Array) => string;

/** Writes this node's adverts, each newer than the one before. */
export class AdvertWriter {
  readonly #origin: string;
  readonly #sign: SignAdvert | undefined;
  #epoch: number;
  #seq = 0;
  #description: LocalDescription = {};
  #last: LinkStateAdvert | undefined;

  /** @throws ValidationError */
  constructor(origin: string, epoch: number, sign?: SignAdvert) {
    if (!isCount(epoch)) throw invalid(COUNT_RULE, "epoch");
    this.#origin = origin;
    this.#epoch = epoch;
    this.#sign = sign;
  }

  /** What the last advert said of this node. */
  get description(): LocalDescription {
    return this.#description;
  }

  /** The advert that all others should have. */
  get last(): LinkStateAdvert | undefined {
    return this.#last;
  }

  /** Of the last advert. */
  get version(): AdvertVersion {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  /** @throws ValidationError; then nothing has changed. */
  next(description: LocalDescription, links: readonly AdvertLink[]): LinkStateAdvert {
    const merged = { ...this.#description, ...description };
    const advert = this.#write(merged, links);
    this.#description = merged;
    return this.#keep(advert);
  }

  /** The advert that takes this node out of the network. */
  withdrawal(): LinkStateAdvert {
    return this.#keep(this.#write({ name: this.#description.name }, [], 0));
  }

  /** Makes the next advert newer than one that somebody sent in this node's name. */
  outrank(version: AdvertVersion): void {
    if (!isNewer(version, this.version)) return;
    this.#epoch = Math.min(version.epoch + 1, Number.MAX_SAFE_INTEGER);
    this.#seq = 0;
  }

  #keep(advert: LinkStateAdvert): LinkStateAdvert {
    this.#seq = advert.seq;
    this.#last = advert;
    return advert;
  }

  #write(
    description: LocalDescription,
    links: readonly AdvertLink[],
    ttlMs?: number,
  ): LinkStateAdvert {
    const { capabilities = [], tools = [], labels = [], load = 0, relay = true } = description;
    const { name, toolsDigest } = description;
    const advert = parseAdvert({
      ...{ origin: this.#origin, epoch: this.#epoch, seq: this.#seq + 1, links, ttlMs },
      ...{ capabilities, tools, toolsDigest, labels, load, relay, name },
    });
    if (!this.#sign) return advert;
    return parseAdvert({ ...advert, signature: this.#sign(canonicalBytes(advert)) });
  }
}
