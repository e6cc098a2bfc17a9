/** The kinds of gossip frames. They go over one link; what they carry is passed on by whoever takes it. */
export const GossipKind = {
  /** What a peer says of itself. */
  advert: 25,
  /** Which adverts the sender holds, in about a kilobyte. */
  digest: 26,
  /** What the sender holds where that differs. */
  difference: 27,
  /** The adverts that the sender lacks. */
  want: 28,
  /** A message for everybody. */
  broadcast: 32,
  /** The broadcasts that the sender has, for whoever lacks one. */
  ihave: 33,
  /** "Send me those, and from now on all others." */
  graft: 34,
  /** "From now on only tell me what you have." */
  prune: 35,
} as const;

export type GossipKind = (typeof GossipKind)[keyof typeof GossipKind];

const known: ReadonlySet<unknown> = new Set(Object.values(GossipKind));

export function isGossipKind(value: unknown): value is GossipKind {
  return known.has(value);
}
