import { type Rng, seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { MeshLiveness, type WatchedNeighbour } from "../../../src/liveness/mesh-liveness.ts";
import type { LivenessMessage } from "../../../src/liveness/messages.ts";
import type { LivenessState, LivenessVerdict } from "../../../src/liveness/verdict.ts";
import { SimulatedHost } from "./simulated-host.ts";

/** What one peer thought of another at some time. */
export interface Opinion extends LivenessVerdict {
  readonly by: string;
  readonly of: string;
  readonly atMs: number;
}

export interface SimulatedPeer {
  readonly id: string;
  readonly host: SimulatedHost;
  readonly liveness: MeshLiveness;
}

export interface SimulationOptions {
  readonly seed?: number;
  readonly heartbeatInterval?: number;
}

/** Peers that watch each other over links that lose, delay and cut what they say. A link that was given up stays down. */
export class Simulation implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly opinions: Opinion[] = [];
  readonly peers: Map<string, SimulatedPeer> = new Map();
  /** How many probes were sent over each link, in both directions. */
  readonly probes: Map<string, number> = new Map();
  readonly #rng: Rng;
  readonly #links: readonly (readonly [string, string])[];
  readonly #down = new Set<string>();
  readonly #calls = new Map<string, number>();
  readonly #blocked = new Set<string>();
  readonly #arrivals = new Map<string, number>();
  /** Of each frame. */
  lossRatio = 0;
  /** One way. */
  delayMs: (from: string, to: string) => number = () => 1;
  /** What a lifeline of that peer says; undefined if it has none. */
  lifeline: (peerId: string) => number | undefined = () => undefined;

  constructor(
    links: readonly (readonly [string, string])[],
    { seed = 1, heartbeatInterval = 5_000 }: SimulationOptions = {},
  ) {
    this.#rng = seededRng(seed);
    this.#links = links;
    for (const id of new Set(links.flat())) this.#addPeer(id, heartbeatInterval);
    for (const [a, b] of links) {
      this.#watch(a, b);
      this.#watch(b, a);
    }
  }

  peer(id: string): SimulatedPeer {
    const peer = this.peers.get(id);
    if (!peer) throw new Error(`there is no ${id}`);
    return peer;
  }

  /** Frames from one to the other are lost from now on. */
  cut(from: string, to: string): void {
    this.#blocked.add(`${from}>${to}`);
  }

  mend(from: string, to: string): void {
    this.#blocked.delete(`${from}>${to}`);
  }

  /** There is a call from one to the other that is not answered. */
  call(from: string, to: string): void {
    this.#calls.set(`${from}>${to}`, this.peer(from).host.monotonicMs());
  }

  /** A frame with no meaning for liveness. */
  data(from: string, to: string): void {
    this.#carry(from, to, undefined);
  }

  state(by: string, of: string): LivenessState | undefined {
    return this.peer(by).liveness.verdict(of)?.state;
  }

  /** Everything that was thought, or only by one, or of one. */
  thought({ by, of, state }: { by?: string; of?: string; state?: LivenessState }): Opinion[] {
    return this.opinions.filter(
      (each) =>
        (by === undefined || each.by === by) &&
        (of === undefined || each.of === of) &&
        (state === undefined || each.state === state),
    );
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  [Symbol.dispose](): void {
    for (const { liveness } of this.peers.values()) liveness[Symbol.dispose]();
  }

  #addPeer(id: string, heartbeatInterval: number): void {
    const host = new SimulatedHost(this.clock);
    const liveness = new MeshLiveness({
      ...{ self: id, clock: host, rng: this.#rng, heartbeatInterval },
      neighboursOf: (peerId) => this.#neighboursOf(peerId),
    });
    liveness.on("changed", (of, verdict) => {
      this.opinions.push({ by: id, of, atMs: this.clock.monotonicMs(), ...verdict });
      if (verdict.state === "dead") this.#end(id, of);
    });
    this.peers.set(id, { id, host, liveness });
  }

  #watch(by: string, of: string): void {
    const neighbour: WatchedNeighbour = {
      peerId: of,
      send: (message) => this.#carry(by, of, message),
      oldestUnansweredMs: () => {
        const sinceMs = this.#calls.get(`${by}>${of}`);
        return sinceMs === undefined ? undefined : this.peer(by).host.monotonicMs() - sinceMs;
      },
      askLifeline: async () => this.lifeline(of),
    };
    this.peer(by).liveness.add(neighbour);
  }

  #neighboursOf(peerId: string): string[] {
    return this.#links
      .filter((link) => link.includes(peerId) && !this.#down.has(keyOf(...link)))
      .map(([a, b]) => (a === peerId ? b : a));
  }

  /** One end gives the link up; the other notices by itself. */
  #end(by: string, of: string): void {
    this.peer(by).liveness.remove(of);
    this.#down.add(keyOf(by, of));
  }

  #carry(from: string, to: string, message: LivenessMessage | undefined): void {
    const key = keyOf(from, to);
    if (message?.type === "probe") this.probes.set(key, (this.probes.get(key) ?? 0) + 1);
    if (this.#blocked.has(`${from}>${to}`) || this.#rng.next() < this.lossRatio) return;
    const delayMs = this.#arrivalMs(from, to) - this.clock.monotonicMs();
    this.clock.setTimeout(() => {
      this.peer(to).host.deliver(() => this.#hear(to, from, message));
    }, delayMs);
  }

  /** A link keeps the order, also when its delay varies. */
  #arrivalMs(from: string, to: string): number {
    const key = `${from}>${to}`;
    const atMs = this.clock.monotonicMs() + this.delayMs(from, to);
    const inOrderMs = Math.max(atMs, this.#arrivals.get(key) ?? 0);
    this.#arrivals.set(key, inOrderMs);
    return inOrderMs;
  }

  #hear(by: string, from: string, message: LivenessMessage | undefined): void {
    const { liveness } = this.peer(by);
    liveness.get(from)?.heard();
    if (message) liveness.receive(from, message);
  }
}

/** Every peer linked to every other. */
export function fullMesh(count: number): [string, string][] {
  const ids = Array.from({ length: count }, (_, index) => `p${index}`);
  return ids.flatMap((a, index) => ids.slice(index + 1).map((b): [string, string] => [a, b]));
}

function keyOf(a: string, b: string): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
