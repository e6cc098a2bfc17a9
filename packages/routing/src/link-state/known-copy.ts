import { isRecord } from "@net/core";
import { type AdvertLink, type AdvertVersion, isNewer, type LinkStateAdvert } from "./advert.ts";
import { isCount } from "./parse-advert.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether an advert, not yet read, is older than the one known, or a copy of it, field by field. In a mesh most adverts
 * are: each node hears each advert from each of its neighbours. Telling so without reading it saves nearly all the work.
 *
 * False says nothing: the advert may be anything.
 */
export function isKnown(
  value: unknown,
  newestOf: (origin: string) => AdvertVersion | undefined,
  held: (origin: string) => LinkStateAdvert | undefined,
): boolean {
  if (!isRecord(value)) return false;
  const { origin, epoch, seq } = value;
  if (typeof origin !== "string" || !isCount(epoch) || !isCount(seq)) return false;
  const newest = newestOf(origin);
  if (newest && isNewer(newest, { epoch, seq })) return true;
  const known = held(origin);
  return known?.epoch === epoch && known.seq === seq && isCopy(value, known);
}

/** Whether a text is as it was read: a copy of what `parseAdvert` gave is; what says the same otherwise may not be. */
function isCopy(value: Fields, known: LinkStateAdvert): boolean {
  return (
    value.load === known.load &&
    value.relay === known.relay &&
    value.ttlMs === known.ttlMs &&
    value.name === known.name &&
    value.toolsDigest === known.toolsDigest &&
    isSameList(value.links, known.links, isSameLink) &&
    isSameList(value.capabilities, known.capabilities, Object.is) &&
    isSameList(value.tools, known.tools, Object.is) &&
    isSameList(value.labels, known.labels, Object.is)
  );
}

function isSameLink(value: unknown, { peer, costUs, rttMs }: AdvertLink): boolean {
  return isRecord(value) && value.peer === peer && value.costUs === costUs && value.rttMs === rttMs;
}

function isSameList<T>(
  value: unknown,
  known: readonly T[],
  isSame: (value: unknown, item: T) => boolean,
): boolean {
  if (!Array.isArray(value) || value.length !== known.length) return false;
  return known.every((item, index) => isSame(value[index], item));
}
