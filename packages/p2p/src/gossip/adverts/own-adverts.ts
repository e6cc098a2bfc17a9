import type { AdvertLink, LinkStateAdvert, LocalDescription, NetworkTopology } from "@net/routing";
import type { Codec } from "../neighbour.ts";
import type { Signatures } from "../signing.ts";
import type { HeldAdvert } from "./advert-shelf.ts";
import type { Urgency } from "./announce-pace.ts";
import { linkNews } from "./link-news.ts";
import { advertFields } from "./peer-advert.ts";

/** What a peer says of itself, besides its links and its subscriptions. */
export interface SelfDescription extends LocalDescription {
  /** Those of its tools that may run twice without harm. */
  readonly idempotent?: readonly string[] | undefined;
}

/** The same, with its subscriptions. */
export interface OwnDescription extends SelfDescription {
  readonly topics?: readonly string[] | undefined;
}

export interface OwnAdvertsOptions {
  /** The owner's word for this device, shown with every advert. */
  readonly certificate: () => string | undefined;
  readonly signatures: Signatures;
  readonly topology: NetworkTopology;
  readonly codec: Codec;
  readonly describe: () => OwnDescription;
  /** How many broadcasts this peer has sent. */
  readonly broadcasts: () => number;
}

/** Writes this peer's adverts. */
export class OwnAdverts {
  readonly #options: OwnAdvertsOptions;
  /** What the last one said, but for the links. */
  #lastText: string | undefined;
  #lastLinks: readonly AdvertLink[] = [];
  /** There is news, whatever the next one says. */
  #isDue = true;

  constructor(options: OwnAdvertsOptions) {
    this.#options = options;
  }

  /** How urgent it is to say what receivers use, and the last one did not; undefined if there is nothing of the kind. */
  get news(): Urgency | undefined {
    const isDue = this.#isDue || JSON.stringify(this.#describe()) !== this.#lastText;
    return isDue ? "now" : this.linkNews();
  }

  /** The next one has news, whatever it says. */
  noteLinks(): void {
    this.#isDue = true;
  }

  /** How urgent it is to tell what has become of the links; undefined if that is not worth telling. */
  linkNews(): Urgency | undefined {
    const { topology } = this.#options;
    return linkNews(this.#lastLinks, topology.ownLinks(), topology);
  }

  /** @throws ValidationError if the description cannot be told; then the last one stays. */
  next(): HeldAdvert {
    const { idempotent, topics, ...local } = this.#describe();
    const linkState = this.#options.topology.localAdvert(local);
    this.#lastText = JSON.stringify({ idempotent, topics, ...local });
    this.#lastLinks = linkState.links;
    this.#isDue = false;
    return this.#sign(linkState, idempotent, topics);
  }

  /** The one that takes this peer out of the network. */
  withdrawal(): HeldAdvert {
    return this.#sign(this.#options.topology.withdraw());
  }

  /** The load in eighths: no receiver would choose otherwise for less. */
  #describe(): OwnDescription {
    const { idempotent = [], topics = [], load = 0, ...local } = this.#options.describe();
    return { idempotent, topics, ...local, load: Math.round(load * 8) / 8 };
  }

  #sign(
    linkState: LinkStateAdvert,
    idempotent: readonly string[] = [],
    topics: readonly string[] = [],
  ): HeldAdvert {
    const { certificate, codec, signatures, broadcasts } = this.#options;
    const { origin, epoch, seq } = linkState;
    const advert = { linkState, idempotent, topics, broadcasts: broadcasts() };
    const statement = codec.encode(advertFields(advert));
    const proof = { key: signatures.publicKey, certificate: certificate() };
    const signature = signatures.sign("advert", statement);
    return { origin, epoch, seq, ...proof, signature, statement, advert };
  }
}
