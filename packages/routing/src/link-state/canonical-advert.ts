import type { AdvertLink, LinkStateAdvert } from "./advert.ts";

/** Says what the bytes are about, so that a signature of one thing is never one of another. */
const CONTEXT = "net link-state advert 1";

const encoder = new TextEncoder();

/**
 * What an advert says, as the text that is signed and compared: JSON of
 * `[context, origin, epoch, seq, [[peer, costUs, rttMs | null], …], capabilities, tools, toolsDigest | null, labels, load, relay,
 * ttlMs, name | null]`, without spaces, lists in code-unit order, numbers as ECMAScript writes them. Neither the signature
 * nor the age is part of it.
 *
 * @param advert as `parseAdvert` gives it.
 */
export function canonicalText(advert: LinkStateAdvert): string {
  const { origin, epoch, seq, links, capabilities, tools, labels, load, relay, ttlMs } = advert;
  return JSON.stringify([
    ...[CONTEXT, origin, epoch, seq],
    links.map(({ peer, costUs, rttMs = null }) => [peer, costUs, rttMs]),
    ...[capabilities, tools, advert.toolsDigest ?? null, labels, load, relay, ttlMs],
    advert.name ?? null,
  ]);
}

/** The one text of an advert, in UTF-8: what `sign` and `verify` are given. */
export function canonicalBytes(advert: LinkStateAdvert): Uint8Array {
  return encoder.encode(canonicalText(advert));
}

/** Whether two adverts say the same, whatever their sequence numbers: whether their canonical texts differ in nothing else. */
export function saysTheSame(a: LinkStateAdvert, b: LinkStateAdvert): boolean {
  return (
    a.origin === b.origin &&
    a.load === b.load &&
    a.relay === b.relay &&
    a.ttlMs === b.ttlMs &&
    a.name === b.name &&
    a.toolsDigest === b.toolsDigest &&
    sameLists(a.links, b.links, sameLink) &&
    sameLists(a.capabilities, b.capabilities, Object.is) &&
    sameLists(a.tools, b.tools, Object.is) &&
    sameLists(a.labels, b.labels, Object.is)
  );
}

function sameLink(a: AdvertLink, b: AdvertLink): boolean {
  return a.peer === b.peer && a.costUs === b.costUs && a.rttMs === b.rttMs;
}

function sameLists<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index] as T));
}
