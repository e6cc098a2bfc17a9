import type { Clock, Emitter, Timer } from "@net/core";
import type { PartitionRisk } from "../analysis/resilience.ts";
import { compareNames } from "../names.ts";
import { SpfBackoff } from "./spf-backoff.ts";
import type { TopologyEvents } from "./topology-events.ts";
import type { Watched } from "./watched.ts";

const watchedEvents = ["partition:risk", "partition:detected", "partition:healed"] as const;
/** The most peers remembered as lost. */
const MAX_LOST = 16_384;

/**
 * Tells of partitions before, when and after they happen. It looks a moment after the structure changed, by one timer that does
 * not keep a process alive, and only while somebody listens; who begins to listen hears of what nobody has heard yet.
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
  #isClosed = false;

  constructor(clock: Clock, watched: Watched, events: Emitter<TopologyEvents>) {
    this.#clock = clock;
    this.#watched = watched;
    this.#events = events;
  }

  /** Something may have changed, or somebody has begun to listen. */
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

  /** Looks no more, and tells nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A listener may close it in the middle of what is told. */
  #isHeard(): boolean {
    return !this.#isClosed && watchedEvents.some((name) => this.#events.listenerCount(name) > 0);
  }

  #look(): void {
    this.#timer = undefined;
    this.#structure = this.#watched.structure();
    const before = this.#reached;
    this.#reached = this.#watched.reachable();
    this.#tellHealed();
    if (this.#isHeard()) this.#tellLost([...before].filter((id) => !this.#reached.has(id)));
    if (this.#isHeard()) this.#tellRisks();
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
    for (const id of lost) this.#remember(id);
    this.#events.emit("partition:detected", {
      lost: lost.toSorted(compareNames),
      reachable: this.#reached.size,
      suggestedLink: this.#watched.suggestedLink(),
    });
  }

  /** Those that were lost longest ago are forgotten first. */
  #remember(peerId: string): void {
    this.#lost.add(peerId);
    const [oldest] = this.#lost;
    if (this.#lost.size > MAX_LOST && oldest !== undefined) this.#lost.delete(oldest);
  }

  /** Only of what was no risk when it was looked last. */
  #tellRisks(): void {
    const before = this.#risks;
    const risks = new Map(this.#watched.risks().map((risk) => [riskKey(risk), risk]));
    this.#risks = new Set(risks.keys());
    for (const [key, risk] of risks) {
      if (!before.has(key) && this.#isHeard()) this.#events.emit("partition:risk", risk);
    }
  }
}

/** Ids hold no control characters. */
function riskKey({ peerId, link }: PartitionRisk): string {
  return link ? `${link.source}\n${link.target}` : `${peerId}`;
}
