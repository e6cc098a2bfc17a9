/**
 * How long a silent peer is suspected before it is dead: the more others find it silent too, the shorter.
 *
 * `most − (most − least) · log(c + 1) / log(k + 1)`, of c confirmations and k that would be enough: Dadgar, Phillips,
 * Currey, "Lifeguard: Local Health Awareness for More Accurate Failure Detection" (DSN 2018), as memberlist has it.
 */
export function suspicionTimeoutMs(
  confirmations: number,
  enough: number,
  { leastDeadMs, mostDeadMs }: { readonly leastDeadMs: number; readonly mostDeadMs: number },
): number {
  if (enough <= 0 || confirmations >= enough) return enough <= 0 ? mostDeadMs : leastDeadMs;
  const share = Math.log(confirmations + 1) / Math.log(enough + 1);
  return mostDeadMs - share * (mostDeadMs - leastDeadMs);
}
