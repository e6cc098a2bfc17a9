import type { Rng } from "@net/core";
import { compareNames } from "../names.ts";
import type { ToolCandidate } from "./tool-candidate.ts";

/** A candidate that qualifies, and what is known of how it would do. */
export interface ScoredCandidate<Candidate extends ToolCandidate = ToolCandidate> {
  readonly candidate: Candidate;
  /** Path cost plus what waits and works there, µs: lower is better. */
  readonly scoreUs: number;
  /** Path cost plus expected latency without what waits there, µs. */
  readonly speedUs: number;
  /** Calls under way there. */
  readonly pending: number;
}

/** What a strategy may use besides the candidates. */
export interface StrategyContext {
  readonly tool: string;
  readonly rng: Rng;
}

/** Picks one of the candidates, of which there is at least one. */
export type ToolStrategy = <Candidate extends ToolCandidate>(
  candidates: readonly ScoredCandidate<Candidate>[],
  context: StrategyContext,
) => ScoredCandidate<Candidate>;

/** The strategies there are by name. */
export type ToolStrategyName =
  | "power-of-two"
  | "least-loaded"
  | "round-robin"
  | "fastest"
  | "local-first";

/** The most tools whose turn is remembered. */
const MAX_TURNS = 1_024;

/** The better of two drawn at random. */
export const powerOfTwo: ToolStrategy = (candidates, { rng }) => {
  const draw = (count: number): number => Math.floor(rng.next() * count);
  const first = draw(candidates.length);
  const second = (first + 1 + draw(candidates.length - 1)) % candidates.length;
  const [one, other] = [at(candidates, first), at(candidates, second)];
  return other.scoreUs < one.scoreUs ? other : one;
};

/** Fewest calls under way, then least busy, then best. */
export const leastLoaded: ToolStrategy = (candidates) =>
  best(
    candidates,
    (a, b) => a.pending - b.pending || loadOf(a) - loadOf(b) || a.scoreUs - b.scoreUs,
  );

/** Soonest to answer if nothing waited anywhere. */
export const fastest: ToolStrategy = (candidates) =>
  best(candidates, (a, b) => a.speedUs - b.speedUs);

/** This node if it can; else as {@link powerOfTwo}. */
export const localFirst: ToolStrategy = (candidates, context) =>
  candidates.find(({ candidate }) => candidate.local) ?? powerOfTwo(candidates, context);

/** One after the other by id, for each tool; who comes or leaves does not change whose turn is next. */
export function roundRobin(): ToolStrategy {
  const last = new Map<string, string>();
  return (candidates, { tool }) => {
    const before = last.get(tool) ?? "";
    const inOrder = [...candidates].sort(byId);
    const next = inOrder.find(({ candidate }) => candidate.peerId > before) ?? at(inOrder, 0);
    last.delete(tool);
    last.set(tool, next.candidate.peerId);
    const [oldest] = last.keys();
    if (last.size > MAX_TURNS && oldest !== undefined) last.delete(oldest);
    return next;
  };
}

/** All strategies, for one router: the round robin's turns are its own. */
export function createStrategies(): Readonly<Record<ToolStrategyName, ToolStrategy>> {
  return {
    "power-of-two": powerOfTwo,
    "least-loaded": leastLoaded,
    "round-robin": roundRobin(),
    fastest,
    "local-first": localFirst,
  };
}

export function byId(a: ScoredCandidate, b: ScoredCandidate): number {
  return compareNames(a.candidate.peerId, b.candidate.peerId);
}

function loadOf({ candidate }: ScoredCandidate): number {
  return candidate.load ?? 0;
}

function best<Candidate extends ToolCandidate>(
  candidates: readonly ScoredCandidate<Candidate>[],
  compare: (a: ScoredCandidate, b: ScoredCandidate) => number,
): ScoredCandidate<Candidate> {
  return candidates.reduce((one, other) =>
    (compare(other, one) || byId(other, one)) < 0 ? other : one,
  );
}

function at<Candidate extends ToolCandidate>(
  candidates: readonly ScoredCandidate<Candidate>[],
  index: number,
): ScoredCandidate<Candidate> {
  return candidates[index] as ScoredCandidate<Candidate>;
}
