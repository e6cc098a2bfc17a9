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

interface Watcher {
  readonly peerId: string;
  readonly onSuspect: () => void;
}

/** Whether any peer of the network answers: neighbours as they are seen here, all others as their neighbours say. */
export class PeerStates implements Disposable {
  readonly #options: PeerStatesOptions;
  readonly #watchers = new Set<Watcher>();
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
    return stateOfPath(topology.peer(peerId)?.pathCostUs);
  }

  /** Calls back once, when that peer becomes suspect or dead; at once if it is. Disposing of the result stops that. */
  onSuspect(peerId: string, onSuspect: () => void): Disposable {
    const watcher: Watcher = { peerId, onSuspect };
    this.#watchers.add(watcher);
    this.#look(watcher);
    return { [Symbol.dispose]: () => this.#watchers.delete(watcher) };
  }

  /** Nobody is called back any more. */
  [Symbol.dispose](): void {
    for (const off of this.#listeners) off();
    this.#watchers.clear();
  }

  #check(): void {
    for (const watcher of this.#watchers) this.#look(watcher);
  }

  #look(watcher: Watcher): void {
    const state = this.state(watcher.peerId);
    if (state === "alive" || state === "busy") return;
    if (this.#watchers.delete(watcher)) watcher.onSuspect();
  }
}

/** A link that is broken says nothing of the peer: there may be another way. */
function saysOfPeer({ state, reason }: LivenessVerdict): boolean {
  return state !== "dead" && reason !== "link" && reason !== "stale";
}
