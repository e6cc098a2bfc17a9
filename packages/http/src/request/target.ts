import { type Query, resolveUrl } from "./url.ts";

/** Where a request goes, taken apart once. */
export interface Target {
  /** The whole URL, without fragment. */
  readonly href: string;
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  /** Lies under the client's `baseUrl`, or there is none. */
  readonly isInside: boolean;
}

/** URLs that are asked for again and again are parsed once; more than this many, and it starts anew. */
const MAX_REMEMBERED = 512;
/** A longer one is hardly ever asked for twice. */
const MAX_REMEMBERED_LENGTH = 512;

export function targetOf(url: URL, isInside = true): Target {
  const { href, origin, pathname, search, hostname } = url;
  return {
    href,
    origin,
    path: pathname + search,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    isInside,
  };
}

/** Turns what a caller gives as URL into a target; remembers the last ones, since parsing is a call's dearest step. */
export class Targets {
  readonly #base: URL | undefined;
  readonly #remembered = new Map<string, Target>();

  constructor(base: URL | undefined) {
    this.#base = base;
  }

  /** @throws ValidationError see {@link resolveUrl}. */
  resolve(url: string | URL, query: Query | undefined, mayLeave: boolean): Target {
    if (typeof url !== "string" || query || mayLeave) return this.#parse(url, query, mayLeave);
    return this.#remembered.get(url) ?? this.#remember(url);
  }

  #remember(url: string): Target {
    const target = this.#parse(url, undefined, false);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    if (url.length <= MAX_REMEMBERED_LENGTH) this.#remembered.set(url, target);
    return target;
  }

  #parse(url: string | URL, query: Query | undefined, mayLeave: boolean): Target {
    const resolved = resolveUrl(this.#base, url, query, mayLeave);
    return targetOf(resolved.url, resolved.isInside);
  }
}
