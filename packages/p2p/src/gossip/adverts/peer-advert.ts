import { ProtocolError, ValidationError } from "@net/core";
import { type AdvertLink, type LinkStateAdvert, parseAdvert } from "@net/routing";
import { isName } from "../../names.ts";
import { malformed, readCount, readFields, readNames } from "../read.ts";

/** What a peer says of itself, to all others. */
export interface PeerAdvert {
  /** Its links, and whatever else routes and the choice of a peer are made of. */
  readonly linkState: LinkStateAdvert;
  /** Those of its tools that may run twice without harm. */
  readonly idempotent: readonly string[];
  /** What it subscribes to: topics, and patterns of topics. */
  readonly topics: readonly string[];
  /** How many broadcasts it has sent since its start: those up to there are older than this advert. */
  readonly broadcasts: number;
}

/** The most tools of one peer that may be said to be idempotent. */
const MAX_IDEMPOTENT = 1_024;
/** The most topics to which one peer can be subscribed. */
export const MAX_TOPICS = 256;

/** Fields of a statement that must be there. */
const FIELDS = 15;

/** The fields of an advert's statement, in the order in which they travel. */
export function advertFields({
  linkState,
  idempotent,
  topics,
  broadcasts,
}: PeerAdvert): readonly unknown[] {
  const { origin, epoch, seq, ttlMs, links, capabilities, tools, labels, load, relay } = linkState;
  return [
    ...[origin, epoch, seq, ttlMs],
    links.map(({ peer, costUs, rttMs = null }) => [peer, costUs, rttMs]),
    ...[capabilities, tools, linkState.toolsDigest ?? null, labels, load, relay],
    linkState.name ?? null,
    ...[idempotent, topics, broadcasts],
  ];
}

/** @param value a statement, decoded. @param ageMs how long ago it was made. @throws ProtocolError */
export function parseAdvertFields(value: unknown, ageMs: number = 0): PeerAdvert {
  const fields = readFields(value, FIELDS, "the statement of an advert");
  const [origin, epoch, seq, ttlMs, links, capabilities, tools, toolsDigest, labels] = fields;
  const [load, relay, name, idempotent, topics, broadcasts] = fields.slice(9);
  const linkState = readLinkState({
    ...{ origin, epoch, seq, ttlMs, links: readLinks(links), capabilities, tools },
    ...{ toolsDigest: toolsDigest ?? undefined, labels, load, relay, name: name ?? undefined },
    ...(ageMs > 0 && { ageMs }),
  });
  return {
    linkState,
    idempotent: readNames(idempotent, MAX_IDEMPOTENT, "an advert's list of idempotent tools"),
    topics: readNames(topics, MAX_TOPICS, "an advert's list of topics"),
    broadcasts: readCount(broadcasts, "an advert's number of broadcasts"),
  };
}

function readLinks(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed("an advert's links", "a list");
  return Array.from(value, (link: unknown): Partial<Record<keyof AdvertLink, unknown>> => {
    const [peer, costUs, rttMs] = readFields(link, 3, "a link of an advert");
    return rttMs === null ? { peer, costUs } : { peer, costUs, rttMs };
  });
}

function readLinkState(value: unknown): LinkStateAdvert {
  try {
    const linkState = parseAdvert(value);
    assertShortIds(linkState);
    return linkState;
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    throw new ProtocolError(`an advert is malformed: ${error.message}`, { cause: error });
  }
}

/** The graph allows longer ids than frames have room for. */
function assertShortIds({ origin, links }: LinkStateAdvert): void {
  if (isName(origin) && links.every(({ peer }) => isName(peer))) return;
  throw new ProtocolError("an advert holds a peer id that is too long");
}
