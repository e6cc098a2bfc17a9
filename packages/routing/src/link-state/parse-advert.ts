import { isAmount, isRatio, isRecord } from "@net/core";
import { isCostUs, MAX_COST_US } from "../cost.ts";
import {
  areNames,
  compareNames,
  invalid,
  isName,
  NAME_RULE,
  NAMES_RULE,
  nameSet,
} from "../names.ts";
import {
  ADVERT_LIFETIME,
  type AdvertLink,
  advertLength,
  type LinkStateAdvert,
  MAX_ADVERT_LENGTH,
  MAX_LINKS,
  MIN_ADVERT_LIFETIME,
} from "./advert.ts";

/** What {@link isCount} accepts, in words. */
export const COUNT_RULE: string = "a whole number from 0 to 2^53 - 1";
const COST_RULE = `a whole number from 1 to ${MAX_COST_US}`;
const AMOUNT_RULE = "a finite number of 0 or more";
const TTL_RULE = `0 or a whole number from ${MIN_ADVERT_LIFETIME} to ${ADVERT_LIFETIME}`;
/** Room for the signatures in use, as text: those of RSA with 4,096 bits have 684 characters. */
const MAX_SIGNATURE_LENGTH = 1_024;

/** Adverts that were read here: reading one again would give the same. */
const read = new WeakSet<object>();

/**
 * Reads an advert that came from outside: every field is checked, unknown fields are left out, lists are put into
 * one order, so that equal adverts are equal. What it has given before it gives back as it is.
 *
 * @throws ValidationError naming the field and what it must be.
 */
export function parseAdvert(value: unknown): LinkStateAdvert {
  if (!isRecord(value)) throw invalid("an object", "advert");
  if (isRead(value)) return value;
  const advert = readAdvert(value);
  read.add(advert);
  return advert;
}

function isRead(value: object): value is LinkStateAdvert {
  return read.has(value);
}

function readAdvert(value: Fields): LinkStateAdvert {
  const { origin } = value;
  if (!isName(origin)) throw invalid(NAME_RULE, "advert", "origin");
  const advert: LinkStateAdvert = {
    origin,
    epoch: countOf(value, "epoch"),
    seq: countOf(value, "seq"),
    links: parseLinks(value.links, origin),
    capabilities: namesOf(value, "capabilities"),
    tools: namesOf(value, "tools"),
    labels: value.labels === undefined ? [] : namesOf(value, "labels"),
    load: loadOf(value),
    relay: relayOf(value),
    ttlMs: ttlOf(value),
    ...optionalTexts(value),
    ...ageOf(value),
  };
  if (advertLength(advert) <= MAX_ADVERT_LENGTH) return advert;
  throw invalid(`at most ${MAX_ADVERT_LENGTH} characters in all its texts together`, "advert");
}

/** True for an epoch or a sequence number. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

type Fields = Readonly<Record<string, unknown>>;

function countOf(fields: Fields, field: "epoch" | "seq"): number {
  const value = fields[field];
  if (!isCount(value)) throw invalid(COUNT_RULE, "advert", field);
  return value;
}

function namesOf(fields: Fields, field: "capabilities" | "tools" | "labels"): readonly string[] {
  const value = fields[field];
  if (!areNames(value)) throw invalid(NAMES_RULE, "advert", field);
  return nameSet(value);
}

function loadOf({ load }: Fields): number {
  if (!isRatio(load)) throw invalid("a number from 0 to 1", "advert", "load");
  return load;
}

/** Adverts of before there were such fields mean these values. */
function relayOf({ relay = true }: Fields): boolean {
  if (typeof relay !== "boolean") throw invalid("true or false", "advert", "relay");
  return relay;
}

function ttlOf({ ttlMs = ADVERT_LIFETIME }: Fields): number {
  const fits = isCount(ttlMs) && ttlMs <= ADVERT_LIFETIME;
  if (fits && (ttlMs === 0 || ttlMs >= MIN_ADVERT_LIFETIME)) return ttlMs;
  throw invalid(TTL_RULE, "advert", "ttlMs");
}

function ageOf({ ageMs }: Fields): Pick<LinkStateAdvert, "ageMs"> {
  if (ageMs === undefined) return {};
  if (!isAmount(ageMs)) throw invalid(AMOUNT_RULE, "advert", "ageMs");
  return ageMs === 0 ? {} : { ageMs };
}

function optionalTexts(
  fields: Fields,
): Pick<LinkStateAdvert, "name" | "toolsDigest" | "signature"> {
  const { name, toolsDigest, signature } = fields;
  if (name !== undefined && !isName(name)) throw invalid(NAME_RULE, "advert", "name");
  if (toolsDigest !== undefined && !isName(toolsDigest))
    throw invalid(NAME_RULE, "advert", "toolsDigest");
  if (signature !== undefined && !isSignature(signature)) {
    throw invalid(`a string of 1 to ${MAX_SIGNATURE_LENGTH} characters`, "advert", "signature");
  }
  return {
    ...(name !== undefined && { name }),
    ...(toolsDigest !== undefined && { toolsDigest }),
    ...(signature !== undefined && { signature }),
  };
}

function isSignature(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_SIGNATURE_LENGTH;
}

function parseLinks(value: unknown, origin: string): readonly AdvertLink[] {
  if (!Array.isArray(value) || value.length > MAX_LINKS) {
    throw invalid(`a list of at most ${MAX_LINKS} links`, "advert", "links");
  }
  // Array.from, because map and sort would carry a hole along unseen.
  const links = Array.from(value, (link, index) => parseLink(link, index, origin)).sort((a, b) =>
    compareNames(a.peer, b.peer),
  );
  if (links.some((link, index) => link.peer === links[index + 1]?.peer)) {
    throw invalid("a list with one link per peer", "advert", "links");
  }
  return links;
}

function parseLink(value: unknown, index: number, origin: string): AdvertLink {
  if (!isRecord(value)) throw invalid("an object", "advert", "links", index);
  const { peer, costUs, rttMs } = value;
  const at = ["advert", "links", index] as const;
  if (!isName(peer)) throw invalid(NAME_RULE, ...at, "peer");
  if (peer === origin) throw invalid("another peer than the origin", ...at, "peer");
  if (!isCostUs(costUs)) throw invalid(COST_RULE, ...at, "costUs");
  if (rttMs === undefined) return { peer, costUs };
  if (!isAmount(rttMs)) throw invalid(AMOUNT_RULE, ...at, "rttMs");
  return { peer, costUs, rttMs };
}
