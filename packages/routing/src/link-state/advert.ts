import { isAmount, isRatio, isRecord } from "@net/core";
import { isCostUs, MAX_COST_US } from "./cost.ts";

import {
  areNames,
  compareNames,
  invalid,
  isName,
  NAME_RULE,
  NAMES_RULE,
  nameSet,
} from "./names.ts";

/** The most links one node advertises: far above the connections a node keeps, far below what hurts memory. */
export const MAX_LINKS = 1_024;

/** One end's view of one link. */
export interface AdvertLink {
  /** The neighbour. */
  readonly peer: string;
  /** What crossing it costs from the origin to the neighbour: a whole number of µs, 1 to 2³² − 1. */
  readonly costUs: number;
  /** The measured round-trip time; left out while nothing was measured. */
  readonly rttMs?: number;
}

/**
 * What one node tells all others about itself. A newer advert, by epoch and then by sequence number, replaces the
 * older one whole.
 */
export interface LinkStateAdvert {
  /** The node it is about, and from. */
  readonly origin: string;
  /** Which start of that node: higher than any before. */
  readonly epoch: number;
  /** Which advert of that start: higher than any before. */
  readonly seq: number;
  /** At most one per neighbour, ordered by neighbour. */
  readonly links: readonly AdvertLink[];
  readonly capabilities: readonly string[];
  /** Names of the tools it runs for others. */
  readonly tools: readonly string[];
  /** How busy it is: 0 idle, 1 full. */
  readonly load: number;
  /** What people call it. */
  readonly name?: string;
}

/** What {@link isCount} accepts, in words. */
export const COUNT_RULE: string = "a whole number from 0 to 2^53 - 1";
const COST_RULE = `a whole number from 1 to ${MAX_COST_US}`;

/**
 * Reads an advert that came from outside: every field is checked, unknown fields are left out, lists are put into
 * one order, so that equal adverts are equal.
 *
 * @throws ValidationError naming the field and what it must be.
 */
export function parseAdvert(value: unknown): LinkStateAdvert {
  if (!isRecord(value)) throw invalid("an object", "advert");
  const { origin, epoch, seq, capabilities, tools, load, name } = value;
  if (!isName(origin)) throw invalid(NAME_RULE, "advert", "origin");
  if (!isCount(epoch)) throw invalid(COUNT_RULE, "advert", "epoch");
  if (!isCount(seq)) throw invalid(COUNT_RULE, "advert", "seq");
  if (!areNames(capabilities)) throw invalid(NAMES_RULE, "advert", "capabilities");
  if (!areNames(tools)) throw invalid(NAMES_RULE, "advert", "tools");
  if (!isRatio(load)) throw invalid("a number from 0 to 1", "advert", "load");
  if (name !== undefined && !isName(name)) throw invalid(NAME_RULE, "advert", "name");
  return {
    origin,
    epoch,
    seq,
    links: parseLinks(value.links, origin),
    capabilities: nameSet(capabilities),
    tools: nameSet(tools),
    load,
    ...(name !== undefined && { name }),
  };
}

/** Whether `a` replaces `b`. */
export function isNewer(a: AdvertVersion, b: AdvertVersion): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

/** The key that orders the adverts of one origin. */
export type AdvertVersion = Pick<LinkStateAdvert, "epoch" | "seq">;

/** Whether two parsed adverts say the same, whatever their sequence numbers. */
export function saysTheSame(a: LinkStateAdvert, b: LinkStateAdvert): boolean {
  return (
    a.origin === b.origin &&
    a.load === b.load &&
    a.name === b.name &&
    sameLists(a.capabilities, b.capabilities, Object.is) &&
    sameLists(a.tools, b.tools, Object.is) &&
    sameLists(a.links, b.links, sameLink)
  );
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
  if (!isAmount(rttMs)) throw invalid("a finite number of 0 or more", ...at, "rttMs");
  return { peer, costUs, rttMs };
}

/** True for an epoch or a sequence number. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function sameLink(a: AdvertLink, b: AdvertLink): boolean {
  return a.peer === b.peer && a.costUs === b.costUs && a.rttMs === b.rttMs;
}

function sameLists<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index] as T));
}
