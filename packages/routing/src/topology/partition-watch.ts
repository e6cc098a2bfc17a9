import type { Clock, Emitter, Timer } from "@net/core";
import type { PartitionRisk, PeerPair } from "../analysis/resilience.ts";
import { compareNames } from "../names.ts";
import { SpfBackoff } from "./spf-backoff.ts";
import type { TopologyEvents } from "./topology-events.ts";

/** What the watch asks of the network. */
export interface Watched {
  /** Rises when nodes or links come or go. */
  structure(): number;
  /** All that can be reached, this node included. */
  reachable(): ReadonlySet<string>;
  risks(): readonly PartitionRisk[];
  suggestedLink(): PeerPair | undefined;
}

const watchedEvents = ["partition:risk", "partition:detected", "partition:healed"] as const;
/** The most peers remembered as lost. */
const MAX_LOST = 16_384;

/**
 * Tells of partitions before, when and after they happen. It looks a moment after the structure changed, by one timer that does
 * not keep a process alive, and only while somebody listens.
 */
export class PartitionWatch {
  readonly #clock: Clock;
  readonly #watched: Watched;
  readonly #events: Emitter<TopologyEvents>;
  readonly #backoff = new SpfBackoff();
  readonly #lost = new Set<string>();
  #reached: ReadonlySet<string> = new Set();
  #risks: ReadonlySet<string> = new Set();
  #structure = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, watched: Watched, events: Emitter<TopologyEvents>) {
    this.#clock = clock;
    this.#watched = watched;
    this.#events = events;
  }

  /** Something may have changed. */
  changed(): void {
    if (this.#timer || this.#watched.structure() === this.#structure || !this.#isHeard()) return;
    const delay = this.#backoff.delayAfterChange(this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimeout(() => this.#look(), delay, { background: true });
  }

  /** A peer has left on purpose: it is not lost. */
  forget(peerId: string): void {
    this.#lost.delete(peerId);
    if (!this.#reached.has(peerId)) return;
    this.#reached = new Set([...this.#reached].filter((id) => id !== peerId));
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #isHeard(): boolean {
    return watchedEvents.some((name) => this.#events.listenerCount(name) > 0);
  }

  #look(): void {
    this.#timer = undefined;
    this.#structure = this.#watched.structure();
    const before = this.#reached;
    this.#reached = this.#watched.reachable();
    this.#tellHealed();
    this.#tellLost([...before].filter((id) => !this.#reached.has(id)));
    this.#tellRisks();
  }

  #tellHealed(): void {
    const healed = [...this.#lost].filter((id) => this.#reached.has(id));
    if (healed.length === 0) return;
    for (const id of healed) this.#lost.delete(id);
    const lost = [...this.#lost].sort(compareNames);
    this.#events.emit("partition:healed", { healed: healed.sort(compareNames), lost });
  }

  #tellLost(lost: readonly string[]): void {
    if (lost.length === 0) return;
    for (const id of lost) if (this.#lost.size < MAX_LOST) this.#lost.add(id);
    this.#events.emit("partition:detected", {
      lost: lost.toSorted(compareNames),
      reachable: this.#reached.size,
      suggestedLink: this.#watched.suggestedLink(),
    });
  }

  /** Only of what was no risk when it was looked last. */
  #tellRisks(): void {
    const before = this.#risks;
    const risks = new Map(this.#watched.risks().map((risk) => [riskKey(risk), risk]));
    this.#risks = new Set(risks.keys());
    for (const [key, risk] of risks)
      if (!before.has(key)) this.#events.emit("partition:risk", risk);
  }
}

/** Ids hold no control characters. */
function riskKey({ peerId, link }: PartitionRisk): string {
  return link ? `${link.source}\n${link.target}` : `${peerId}`;
}
