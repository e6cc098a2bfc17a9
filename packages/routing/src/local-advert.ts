import {
  type AdvertLink,
  COUNT_RULE,
  isCount,
  type LinkStateAdvert,
  parseAdvert,
} from "./advert.ts";
import { invalid } from "./names.ts";

/** What this node says of itself in its adverts. */
export interface LocalDescription {
  readonly name?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  /** Names of the tools it runs for others. */
  readonly tools?: readonly string[] | undefined;
  /** How busy it is: 0 idle, 1 full. */
  readonly load?: number | undefined;
}

/** Writes this node's adverts, each newer than the one before. */
export class AdvertWriter {
  readonly #origin: string;
  readonly #epoch: number;
  #seq = 0;
  #description: LocalDescription = {};

  /** @throws ValidationError */
  constructor(origin: string, epoch: number) {
    if (!isCount(epoch)) throw invalid(COUNT_RULE, "epoch");
    this.#origin = origin;
    this.#epoch = epoch;
  }

  /** What the last advert said of this node. */
  get description(): LocalDescription {
    return this.#description;
  }

  /** @throws ValidationError; then nothing has changed. */
  next(description: LocalDescription, links: readonly AdvertLink[]): LinkStateAdvert {
    const merged = { ...this.#description, ...description };
    const { name, capabilities = [], tools = [], load = 0 } = merged;
    const seq = this.#seq + 1;
    const advert = parseAdvert({
      ...{ origin: this.#origin, epoch: this.#epoch, seq, links },
      ...{ name, capabilities, tools, load },
    });
    this.#seq = seq;
    this.#description = merged;
    return advert;
  }
}
