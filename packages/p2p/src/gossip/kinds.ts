import { FrameKind } from "../wire/kinds.ts";

type Name = "advert" | "digest" | "difference" | "want" | "broadcast" | "ihave" | "graft" | "prune";

/** The kinds of gossip frames. They go over one link; what they carry is passed on by whoever takes it. */
export const GossipKind: Pick<typeof FrameKind, Name> = {
  /** What a peer says of itself. */
  advert: FrameKind.advert,
  /** Which adverts the sender holds, in about a kilobyte. */
  digest: FrameKind.digest,
  /** What the sender holds where that differs. */
  difference: FrameKind.difference,
  /** The adverts that the sender lacks. */
  want: FrameKind.want,
  /** A message for everybody. */
  broadcast: FrameKind.broadcast,
  /** The broadcasts that the sender has, for whoever lacks one. */
  ihave: FrameKind.ihave,
  /** "Send me those, and from now on all others." */
  graft: FrameKind.graft,
  /** "From now on only tell me what you have." */
  prune: FrameKind.prune,
};
export type GossipKind = (typeof FrameKind)[Name];

const known: ReadonlySet<unknown> = new Set(Object.values(GossipKind));

export function isGossipKind(value: unknown): value is GossipKind {
  return known.has(value);
}
