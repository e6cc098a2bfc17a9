/**
 * - `alive`: it answers.
 * - `busy`: it lives, but gets to nothing: give it no new work, and fail over only what is idempotent.
 * - `suspect`: nothing is heard of it: give it no new work, hedge what is idempotent, prefer other ways.
 * - `dead`: the link is of no use any more and must be ended.
 */
export type LivenessState = "alive" | "busy" | "suspect" | "dead";

/**
 * Why:
 * - `answers`: probes are answered;
 * - `says-so`: it answers, and says that it is busy or that its event loop is late;
 * - `deaf`: it is heard, but answers no probe: they do not reach it, or very late;
 * - `reads-slowly`: nothing is heard, but it takes what was waiting for it;
 * - `blocked`: its lifeline answers, and says that its main thread does not run;
 * - `link`: others hear it, or its lifeline says that its main thread runs: the link to it is broken, the peer is not;
 * - `stale`: there was a reason to doubt the link, and it did not prove itself: nothing is said of the peer;
 * - `silent`: there is no sign of life.
 */
export type LivenessReason =
  | "answers"
  | "says-so"
  | "deaf"
  | "reads-slowly"
  | "blocked"
  | "link"
  | "stale"
  | "silent";

export interface Finding {
  readonly state: LivenessState;
  readonly reason: LivenessReason;
}

/** What is thought of a neighbour. */
export interface LivenessVerdict extends Finding {
  /** Since when it has this state, by the clock's monotonic time. */
  readonly sinceMs: number;
}

const severity: Readonly<Record<LivenessState, number>> = {
  alive: 0,
  busy: 1,
  suspect: 2,
  dead: 3,
};

export function isWorse(finding: Finding, than: Finding): boolean {
  return severity[finding.state] > severity[than.state];
}
