import { isAmount, type Rng, systemRng } from "@net/core";
import { linkCostUs } from "../cost.ts";
import { invalid } from "../names.ts";
import { nothingSeen, type PeerQuality } from "./peer-quality.ts";
import { pickSticky } from "./sticky.ts";
import {
  byId,
  createStrategies,
  type ScoredCandidate,
  type ToolStrategy,
  type ToolStrategyName,
} from "./strategies.ts";
import {
  type PermitTool,
  qualify,
  type ToolCandidate,
  type ToolRequirements,
} from "./tool-candidate.ts";

export interface ToolRouterOptions {
  /** Default: nothing was seen. */
  readonly quality?: PeerQuality;
  readonly rng?: Rng;
  /** How one is picked of those that qualify. Default `power-of-two`. */
  readonly strategy?: ToolStrategyName | ToolStrategy;
  /** Which peers may be asked for which tools. Default: all. */
  readonly permits?: PermitTool;
}

export interface ToolChoiceOptions extends ToolRequirements {
  /** Takes the local candidate whenever it qualifies. Default false. */
  readonly preferLocal?: boolean | undefined;
  /** Calls with the same key go to the same peer, as long as it is there, healthy, and has no more than its share. */
  readonly stickyKey?: string | undefined;
  /** For this choice only. */
  readonly strategy?: ToolStrategyName | ToolStrategy | undefined;
}

/** No call is expected to take less, or the calls that wait at a peer would not count. */
const MIN_LATENCY_MS = 1;
/** With fewer healthy peers than this share, the fault is not theirs: all are used again. Envoy's panic threshold. */
const MIN_HEALTHY_RATIO = 0.5;

/**
 * Chooses the peer that runs a tool: of those that have the tool, the version, the capabilities, the labels and the permission,
 * the better of two drawn at random. That spreads calls, where always taking the best one would flood it (M.
 * Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE Transactions on Parallel and Distributed Systems
 * 12, 2001).
 *
 * Better is the lower `path cost + expected latency · (pending + 1) · (1 + load)`. Of a peer that was not tried, and of which
 * the quality expects nothing, it is expected to be as fast as the fastest one, so that it gets its chance. Peers that keep
 * failing are left out, unless that would be more than half of all.
 */
export class ToolRouter {
  readonly #quality: PeerQuality;
  readonly #rng: Rng;
  readonly #permits: PermitTool | undefined;
  readonly #strategies: Readonly<Record<ToolStrategyName, ToolStrategy>> = createStrategies();
  readonly #strategy: ToolStrategy;

  /** @throws ValidationError if there is no such strategy. */
  constructor(options: ToolRouterOptions = {}) {
    const { quality = nothingSeen, rng = systemRng, strategy = "power-of-two", permits } = options;
    this.#quality = quality;
    this.#rng = rng;
    this.#permits = permits;
    this.#strategy = this.#strategyOf(strategy);
  }

  /**
   * The peer to ask; undefined if none qualifies.
   *
   * @throws ValidationError if, where more than one qualifies, a candidate or the quality holds a figure that is negative or not
   *   a number; if the version or strategy is none.
   */
  choose<Candidate extends ToolCandidate>(
    tool: string,
    candidates: Iterable<Candidate>,
    options: ToolChoiceOptions = {},
  ): Candidate | undefined {
    const { preferLocal, stickyKey, strategy } = options;
    const pick = strategy === undefined ? this.#strategy : this.#strategyOf(strategy);
    const qualified = qualify(tool, candidates, options, this.#permits);
    const local = preferLocal ? qualified.find(isLocal) : undefined;
    if (local || qualified.length === 0) return local;
    // As often as not there is one: then there is nothing to weigh.
    if (qualified.length === 1) return qualified[0];
    const scored = this.#score(this.#healthy(qualified));
    const picked =
      stickyKey === undefined
        ? pick(scored, { tool, rng: this.#rng })
        : pickSticky(stickyKey, scored);
    return picked.candidate;
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
    const ranked = this.#score(qualify(tool, candidates, options, this.#permits))
      .sort((a, b) => a.scoreUs - b.scoreUs || byId(a, b))
      .map(({ candidate }) => candidate);
    if (!options.preferLocal) return ranked;
    return [...ranked.filter(isLocal), ...ranked.filter((candidate) => !isLocal(candidate))];
  }

  #strategyOf(strategy: ToolStrategyName | ToolStrategy): ToolStrategy {
    if (typeof strategy === "function") return strategy;
    const names = Object.keys(this.#strategies);
    if (names.includes(strategy)) return this.#strategies[strategy];
    throw invalid(`one of ${names.join(", ")}, or a function`, "strategy");
  }

  #healthy<Candidate extends ToolCandidate>(candidates: Candidate[]): Candidate[] {
    const quality = this.#quality;
    if (!quality.isHealthy) return candidates;
    const healthy = candidates.filter(({ peerId }) => quality.isHealthy?.(peerId));
    return healthy.length < candidates.length * MIN_HEALTHY_RATIO ? candidates : healthy;
  }

  #score<Candidate extends ToolCandidate>(
    candidates: readonly Candidate[],
  ): ScoredCandidate<Candidate>[] {
    const latencies = candidates.map(({ peerId }) => this.#latencyMs(peerId));
    const untriedMs = fastestOf(latencies) ?? MIN_LATENCY_MS;
    return candidates.map((candidate, index) => {
      const latencyUs = Math.max(MIN_LATENCY_MS, latencies[index] ?? untriedMs) * 1_000;
      const pending = this.#pending(candidate.peerId);
      const busy = 1 + assertAmount(candidate.load ?? 0, "load");
      const pathUs = pathCostUs(candidate);
      const scoreUs = pathUs + latencyUs * (pending + 1) * busy;
      return { candidate, scoreUs, speedUs: pathUs + latencyUs, pending };
    });
  }

  #pending(peerId: string): number {
    const pending = this.#quality.pending(peerId);
    if (!isAmount(pending)) throw invalid("a finite number of 0 or more", "pending");
    return pending;
  }

  #latencyMs(peerId: string): number | undefined {
    const latencyMs = this.#quality.latencyMs(peerId);
    return latencyMs === undefined ? undefined : assertAmount(latencyMs, "latencyMs");
  }
}

function pathCostUs({ pathCostUs, local }: ToolCandidate): number {
  return assertAmount(pathCostUs ?? (local ? 0 : linkCostUs({})), "pathCostUs");
}

function isLocal({ local }: ToolCandidate): boolean {
  return local === true;
}

/** Not `Math.min(…)`: there may be more candidates than a call can have arguments. */
function fastestOf(latenciesMs: readonly (number | undefined)[]): number | undefined {
  return latenciesMs.reduce(
    (least, each) => (each === undefined || (least !== undefined && least <= each) ? least : each),
    undefined,
  );
}

/** A figure of 0 or more; Infinity says "never". */
function assertAmount(value: number, name: string): number {
  if (!(value >= 0)) throw invalid("a number of 0 or more", name);
  return value;
}
