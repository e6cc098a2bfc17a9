import type { NetworkError } from "@net/core";
import type { ToolCandidate, ToolRouter } from "@net/routing";
import type { LivenessState } from "../liveness/verdict.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import { networkOf } from "./attachment.ts";
import type { Bulkhead } from "./bulkhead.ts";
import { type Circuits, resting } from "./circuits.ts";
import { nobody, type Task } from "./task.ts";

/** What this process is called while the router is attached to no network. */
export const LOCAL = "local";

type Groups = Readonly<Record<Exclude<LivenessState, "dead">, readonly ToolCandidate[]>>;

const nobodyElse: readonly ToolCandidate[] = [];

/** Who may be asked. */
export interface Wanted {
  /** Not these. */
  readonly exclude: ReadonlySet<string>;
  /** Only peers where running it once more does no harm. */
  readonly onlyRepeatable: boolean;
}

/** Who to ask, or for whom to wait. */
export type Choice =
  | { readonly peer: ToolCandidate }
  | { readonly full: readonly ToolCandidate[] }
  | { readonly none: NetworkError };

/** Finds the peer for the next try: the router's choice among those that answer, have room, and did not just fail. */
export class PeerChoice {
  readonly #local: ToolExecutor;
  readonly #router: ToolRouter;
  readonly #bulkhead: Bulkhead;
  readonly #circuits: Circuits;
  /** Put together for every call, and changed seldom. */
  #known:
    | {
        readonly remote: readonly ToolCandidate[];
        readonly tools: readonly string[];
        readonly all: readonly ToolCandidate[];
      }
    | undefined;

  constructor(local: ToolExecutor, router: ToolRouter, bulkhead: Bulkhead, circuits: Circuits) {
    this.#local = local;
    this.#router = router;
    this.#bulkhead = bulkhead;
    this.#circuits = circuits;
  }

  /** Those that answer first, then those that are late, then those that may be dead: who has room, before who has none. */
  choose(task: Task, wanted: Wanted): Choice {
    const known = this.#candidates(task, wanted);
    const { alive, busy, suspect } = this.#willing(known);
    return (
      this.#best(task, alive, wanted) ??
      this.#best(task, busy, wanted) ??
      this.#full(task, [...alive, ...busy], wanted) ??
      this.#best(task, suspect, wanted) ??
      this.#full(task, suspect, wanted) ?? { none: this.#whyNobody(task, known, wanted) }
    );
  }

  /** Whether running the call at that peer, though it may have run before, does no harm. */
  isRepeatable(peerId: string, { toolName, options }: Task): boolean {
    if (options.onChunk) return false;
    if (options.failover === "unknown") return true;
    const network = networkOf(this.#router);
    if (peerId === this.here) return this.#local.get(toolName)?.idempotent ?? false;
    return network?.isIdempotent(peerId, toolName) ?? false;
  }

  /** This process. */
  get here(): string {
    return networkOf(this.#router)?.peerId ?? LOCAL;
  }

  #candidates(task: Task, { onlyRepeatable }: Wanted): readonly ToolCandidate[] {
    const all = this.#everybody();
    return onlyRepeatable ? all.filter(({ peerId }) => this.isRepeatable(peerId, task)) : all;
  }

  /** This process, and those that can be reached. */
  #everybody(): readonly ToolCandidate[] {
    const network = networkOf(this.#router);
    const remote = network?.candidates() ?? nobodyElse;
    const tools = this.#local.names;
    const known = this.#known;
    if (known && known.remote === remote && known.tools === tools) return known.all;
    const { peerId = LOCAL, capabilities = [] } = network ?? {};
    const all = [{ peerId, local: true, tools, capabilities }, ...remote];
    this.#known = { remote, tools, all };
    return all;
  }

  /** Those whose circuit lets calls through, by how they are. */
  #willing(known: readonly ToolCandidate[]): Groups {
    if (this.#areCalm(known)) return { alive: known, busy: nobodyElse, suspect: nobodyElse };
    const groups: Record<LivenessState, ToolCandidate[]> = {
      alive: [],
      busy: [],
      suspect: [],
      dead: [],
    };
    for (const candidate of known) {
      if (this.#circuits.state(candidate.peerId) === "open") continue;
      groups[this.#stateOf(candidate)].push(candidate);
    }
    return groups;
  }

  /** As nearly everybody is, nearly always. */
  #areCalm(known: readonly ToolCandidate[]): boolean {
    for (const candidate of known) {
      if (this.#stateOf(candidate) !== "alive") return false;
      if (this.#circuits.state(candidate.peerId) === "open") return false;
    }
    return true;
  }

  #stateOf({ peerId, local }: ToolCandidate): LivenessState {
    return local ? "alive" : (networkOf(this.#router)?.state?.(peerId) ?? "alive");
  }

  #best(task: Task, candidates: readonly ToolCandidate[], { exclude }: Wanted): Choice | undefined {
    if (candidates.length === 0) return undefined;
    const free = this.#withRoom(candidates);
    const { preferLocal, requiredCapabilities } = task.options;
    const options = { preferLocal, requiredCapabilities, exclude };
    const peer = this.#router.choose(task.toolName, free, options);
    return peer && { peer };
  }

  #full(task: Task, candidates: readonly ToolCandidate[], wanted: Wanted): Choice | undefined {
    const full = this.#qualified(task, candidates, wanted);
    return full.length > 0 ? { full } : undefined;
  }

  #whyNobody(task: Task, known: readonly ToolCandidate[], wanted: Wanted): NetworkError {
    const others = this.#qualified(task, known, wanted);
    return others.length === 0 ? nobody(task) : resting(others.map(({ peerId }) => peerId));
  }

  #qualified(
    task: Task,
    candidates: readonly ToolCandidate[],
    { exclude }: Wanted,
  ): ToolCandidate[] {
    const { requiredCapabilities } = task.options;
    return this.#router.rank(task.toolName, candidates, { requiredCapabilities, exclude });
  }

  /** All of them, nearly always. */
  #withRoom(candidates: readonly ToolCandidate[]): readonly ToolCandidate[] {
    for (const candidate of candidates) {
      if (!this.#hasRoom(candidate)) return candidates.filter((each) => this.#hasRoom(each));
    }
    return candidates;
  }

  #hasRoom({ peerId, local }: ToolCandidate): boolean {
    return local === true || this.#bulkhead.hasRoom(peerId);
  }
}
