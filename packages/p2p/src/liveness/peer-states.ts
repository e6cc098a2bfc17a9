import { LinkedList } from "@net/core";
import type { NetworkTopology } from "@net/routing";
import { stateOfPath } from "./link-cost.ts";
import type { MeshLiveness } from "./mesh-liveness.ts";
import type { LivenessState, LivenessVerdict } from "./verdict.ts";

export interface PeerStatesOptions {
  /** This peer. */
  readonly self: string;
  readonly liveness: MeshLiveness;
  readonly topology: NetworkTopology;
}

type Watchers = LinkedList<() => void>;

/** Whether any peer of the network answers: neighbours as they are seen here, all others as their neighbours say. */
export class PeerStates implements Disposable {
  readonly #options: PeerStatesOptions;
  readonly #watchers = new Map<string, Watchers>();
  readonly #listeners: readonly (() => void)[];

  constructor(options: PeerStatesOptions) {
    const { liveness, topology } = options;
    this.#options = options;
    const check = (): void => this.#check();
    this.#listeners = [liveness.on("changed", check), topology.on("topology:updated", check)];
  }

  /** `dead`: there is no way to it, now. */
  state(peerId: string): LivenessState {
    const { self, liveness, topology } = this.#options;
    if (peerId === self) return "alive";
    const verdict = liveness.verdict(peerId);
    if (verdict && saysOfPeer(verdict)) return verdict.state;
    return stateOfPath(topology.pathCostUs(peerId));
  }

  /** Calls back once, when that peer becomes suspect or dead; at once if it is. Disposing of the result stops that. */
  onSuspect(peerId: string, onSuspect: () => void): Disposable {
    const watchers = this.#of(peerId);
    const watcher = watchers.add(onSuspect);
    // Whoever watches already would have heard of it.
    if (watchers.size === 1) this.#look(peerId, watchers);
    return watcher;
  }

  /** Nobody is called back any more. */
  [Symbol.dispose](): void {
    for (const off of this.#listeners) off();
    this.#watchers.clear();
  }

  #of(peerId: string): Watchers {
    const known = this.#watchers.get(peerId);
    if (known) return known;
    const watchers: Watchers = new LinkedList();
    this.#watchers.set(peerId, watchers);
    return watchers;
  }

  #check(): void {
    for (const [peerId, watchers] of this.#watchers) {
      if (watchers.size === 0) this.#watchers.delete(peerId);
      else this.#look(peerId, watchers);
    }
  }

  #look(peerId: string, watchers: Watchers): void {
    const state = this.state(peerId);
    if (state === "alive" || state === "busy") return;
    // Who begins to watch now hears at once, by itself.
    for (let { size } = watchers; size > 0; size--) watchers.takeFirst()?.();
  }
}

/** A link that is broken says nothing of the peer: there may be another way. */
function saysOfPeer({ state, reason }: LivenessVerdict): boolean {
  return state !== "dead" && reason !== "link" && reason !== "stale";
}
