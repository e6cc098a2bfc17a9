import { type Rng, systemRng } from "@net/core";
import { linkCostUs } from "./cost.ts";
import { compareNames, invalid } from "./names.ts";

/** A peer that may run a tool; the known peers of a topology fit as they are. */
export interface ToolCandidate {
  readonly peerId: string;
  /** Names of the tools it runs. */
  readonly tools: readonly string[];
  readonly capabilities: readonly string[];
  /** True for this node itself. */
  readonly local?: boolean | undefined;
  /** What the route to it costs. Default: 0 for the local one, else that of one unmeasured link. */
  readonly pathCostUs?: number | undefined;
  /** How busy it is: 0 idle (default), 1 full. */
  readonly load?: number | undefined;
}

/** What the caller has seen of peers: how the router learns without measuring anything itself. */
export interface PeerQuality {
  /** How long a call is expected to take there, in ms; undefined for a peer that has not been tried. */
  latencyMs(peerId: string): number | undefined;
  /** Calls under way there. */
  pending(peerId: string): number;
}

export interface ToolRouterOptions {
  /** Default: nothing was seen. */
  readonly quality?: PeerQuality;
  readonly rng?: Rng;
}

export interface ToolChoiceOptions {
  /** The peer must have them all. */
  readonly requiredCapabilities?: readonly string[] | undefined;
  /** Takes the local candidate whenever it qualifies. Default false. */
  readonly preferLocal?: boolean | undefined;
  /** Peers not to take, for instance because they just failed. */
  readonly exclude?: readonly string[] | ReadonlySet<string> | undefined;
}

/** No call is expected to take less, or the calls that wait at a peer would not count. */
const MIN_LATENCY_MS = 1;

const nothingSeen: PeerQuality = { latencyMs: () => undefined, pending: () => 0 };

interface Scored<Candidate> {
  readonly candidate: Candidate;
  readonly score: number;
}

/**
 * Chooses the peer that runs a tool: of those that have the tool and the capabilities, the better of two drawn at
 * random. That spreads calls, where always taking the best one would flood it (Mitzenmacher, "The Power of Two
 * Choices in Randomized Load Balancing", 2001).
 *
 * Better is the lower `(path cost + expected latency) · (pending + 1) · (1 + load)`. A peer that has not been tried is
 * expected to be as fast as the fastest one, so that it gets its chance.
 */
export class ToolRouter {
  readonly #quality: PeerQuality;
  readonly #rng: Rng;

  constructor({ quality = nothingSeen, rng = systemRng }: ToolRouterOptions = {}) {
    this.#quality = quality;
    this.#rng = rng;
  }

  /**
   * The peer to ask; undefined if none qualifies.
   *
   * @throws ValidationError if a candidate or the quality holds a figure that is negative or not a number.
   */
  choose<Candidate extends ToolCandidate>(
    tool: string,
    candidates: Iterable<Candidate>,
    options: ToolChoiceOptions = {},
  ): Candidate | undefined {
    const qualified = qualify(tool, candidates, options);
    const local = options.preferLocal ? qualified.find(isLocal) : undefined;
    return local ?? this.#betterOfTwo(this.#score(qualified));
  }

  /**
   * All peers that qualify, best first: the order for somebody who tries one after the other, or shows them.
   *
   * @throws ValidationError as {@link ToolRouter.choose}.
   */
  rank<Candidate extends ToolCandidate>(
    tool: string,
    candidates: Iterable<Candidate>,
    options: ToolChoiceOptions = {},
  ): Candidate[] {
    const ranked = this.#score(qualify(tool, candidates, options))
      .sort(byScore)
      .map(({ candidate }) => candidate);
    if (!options.preferLocal) return ranked;
    return [...ranked.filter(isLocal), ...ranked.filter((candidate) => !isLocal(candidate))];
  }

  #betterOfTwo<Candidate extends ToolCandidate>(
    scored: readonly Scored<Candidate>[],
  ): Candidate | undefined {
    const first = this.#draw(scored.length);
    const step = 1 + this.#draw(scored.length - 1);
    const one = scored[first];
    const other = scored[(first + step) % scored.length];
    return one && other && other.score < one.score ? other.candidate : one?.candidate;
  }

  #draw(count: number): number {
    return Math.floor(this.#rng.next() * count);
  }

  #score<Candidate extends ToolCandidate>(candidates: readonly Candidate[]): Scored<Candidate>[] {
    const latencies = candidates.map(({ peerId }) => this.#latencyMs(peerId));
    const known = latencies.filter((latencyMs) => latencyMs !== undefined);
    const untriedMs = known.length === 0 ? MIN_LATENCY_MS : Math.min(...known);
    return candidates.map((candidate, index) => {
      const expectedUs = Math.max(MIN_LATENCY_MS, latencies[index] ?? untriedMs) * 1_000;
      const waiting = 1 + assertAmount(this.#quality.pending(candidate.peerId), "pending");
      const busy = 1 + assertAmount(candidate.load ?? 0, "load");
      return { candidate, score: (pathCostUs(candidate) + expectedUs) * waiting * busy };
    });
  }

  #latencyMs(peerId: string): number | undefined {
    const latencyMs = this.#quality.latencyMs(peerId);
    return latencyMs === undefined ? undefined : assertAmount(latencyMs, "latencyMs");
  }
}

function qualify<Candidate extends ToolCandidate>(
  tool: string,
  candidates: Iterable<Candidate>,
  { requiredCapabilities = [], exclude = [] }: ToolChoiceOptions,
): Candidate[] {
  const excluded = new Set(exclude);
  return [...candidates].filter(
    ({ peerId, tools, capabilities }) =>
      !excluded.has(peerId) &&
      tools.includes(tool) &&
      requiredCapabilities.every((capability) => capabilities.includes(capability)),
  );
}

function pathCostUs({ pathCostUs, local }: ToolCandidate): number {
  return assertAmount(pathCostUs ?? (local ? 0 : linkCostUs({})), "pathCostUs");
}

function isLocal({ local }: ToolCandidate): boolean {
  return local === true;
}

function byScore(a: Scored<ToolCandidate>, b: Scored<ToolCandidate>): number {
  if (a.score !== b.score) return a.score - b.score;
  return compareNames(a.candidate.peerId, b.candidate.peerId);
}

/** A figure of 0 or more; Infinity says "never". */
function assertAmount(value: number, name: string): number {
  if (!(value >= 0)) throw invalid("a number of 0 or more", name);
  return value;
}
