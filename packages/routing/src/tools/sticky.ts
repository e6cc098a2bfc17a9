import { hashText } from "../hash.ts";
import { compareNames } from "../names.ts";
import type { ScoredCandidate } from "./strategies.ts";
import type { ToolCandidate } from "./tool-candidate.ts";

/** A peer takes at most so many times the mean of what is under way. Smaller is fairer, larger keeps more keys in place. */
const BALANCE = 1.25;

/**
 * The peer for a key: always the same one while it has room, and when peers come or leave, only those keys move that
 * must. Each peer's place in a key's order is a hash of the two (rendezvous hashing: D. Thaler and C. Ravishankar, IEEE/ACM
 * Transactions on Networking 6, 1998); a peer with more than its share of the calls under way is passed over (V. Mirrokni et al.,
 * "Consistent Hashing with Bounded Loads", SODA 2018).
 */
export function pickSticky<Candidate extends ToolCandidate>(
  key: string,
  candidates: readonly ScoredCandidate<Candidate>[],
): ScoredCandidate<Candidate> {
  const pending = candidates.reduce((sum, each) => sum + each.pending, 0);
  const room = Math.ceil((BALANCE * (pending + 1)) / candidates.length);
  const open = candidates.filter((each) => each.pending < room);
  // There is always one with room: not all can have more than the mean.
  return open.reduce((one, other) => (comesBefore(key, other, one) ? other : one));
}

function comesBefore(key: string, a: ScoredCandidate, b: ScoredCandidate): boolean {
  const [aHash, bHash] = [a, b].map(({ candidate }) => hashText(`${candidate.peerId}\n${key}`));
  if (aHash !== bHash) return (aHash as number) > (bHash as number);
  return compareNames(a.candidate.peerId, b.candidate.peerId) < 0;
}
