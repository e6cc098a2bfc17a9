import { isRecord, ProtocolError, ValidationError } from "@net/core";
import { type LinkStateAdvert, parseAdvert } from "@net/routing";
import { areNames, isName } from "../names.ts";
import { pack, unpack } from "./codec.ts";
import { plain } from "./plain.ts";

/** What a peer tells all others about itself: its links and tools, and more about the tools. */
export interface PeerAdvert {
  readonly linkState: LinkStateAdvert;
  /** Those of its tools that may run twice without harm. */
  readonly idempotent: readonly string[];
}

/** The most tools of one peer. */
export const MAX_TOOLS = 1_024;

/** The body of an advert's frame. */
export function encodeAdvert({ linkState, idempotent }: PeerAdvert): Uint8Array {
  return pack(plain({ linkState, idempotent }));
}

/** @throws ProtocolError */
export function decodeAdvert(body: Uint8Array): PeerAdvert {
  const advert = unpack(body);
  if (!isRecord(advert)) throw new ProtocolError("an advert has no fields");
  const { idempotent } = advert;
  if (!areNames(idempotent, MAX_TOOLS)) {
    throw new ProtocolError(`the field idempotent of an advert is not a list of names`);
  }
  return { linkState: readLinkState(advert.linkState), idempotent };
}

/** The advert with which a peer comes: it is about that peer. @throws ProtocolError */
export function assertAdvertOf(peerId: string, body: Uint8Array): void {
  const { origin } = decodeAdvert(body).linkState;
  if (origin !== peerId) throw new ProtocolError(`${peerId} came with the advert of ${origin}`);
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

/** The graph allows longer ids than a frame's path has room for. */
function assertShortIds({ origin, links }: LinkStateAdvert): void {
  if (isName(origin) && links.every(({ peer }) => isName(peer))) return;
  throw new ProtocolError("an advert holds a peer id that is too long");
}
