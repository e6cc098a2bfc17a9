import { type MemoryTransport, memoryTransport, seededRng } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import type { PeerNetworkOptions } from "@net/p2p";
import { delays } from "./delays.ts";
import { History } from "./history.ts";
import { PeerProcess } from "./peer-process.ts";
import { Ways } from "./ways.ts";
import { Workload } from "./workload.ts";

export const IDS: readonly string[] = ["a", "b", "c", "d", "e"];
/** A ring and a chord: some are neighbours, others are reached through one relay, or another one. Who dials, and whom. */
const LINKS: readonly string[] = ["ab", "bc", "cd", "de", "ea", "bd"];
/** The most between two steps of the workload, in ms. */
const STEP = 700;
/** So long after the last of them everything that had a deadline is over, in ms. */
const DRAIN = 20_000;

export interface WorldOptions {
  readonly seed?: number;
  /** Whether frames need some time on their way, on each another. Default false: they need none. */
  readonly isSlow?: boolean;
  /** For all peers. */
  readonly extra?: Partial<PeerNetworkOptions>;
}

/** Five peers, each a process of its own, on one clock that moves when told. */
export class World implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly memory: MemoryTransport = memoryTransport({ clock: this.clock });
  readonly ways: Ways = new Ways();
  readonly history: History = new History(this.clock);
  readonly #seed: number;
  readonly #extra: Partial<PeerNetworkOptions>;
  readonly #identities = new Map<string, DeviceIdentity>();
  readonly #processes = new Map<string, PeerProcess>();
  readonly #workload: Workload;
  #starts = 0;

  constructor({ seed = 1, isSlow = false, extra = {} }: WorldOptions = {}) {
    this.#seed = seed;
    this.#extra = extra;
    if (isSlow) this.memory.faults.delay(delays(seed));
    this.#workload = new Workload(seededRng(seed * 7_919), this.history);
  }

  /** All five, linked, and known to each other. */
  static async of5(options?: WorldOptions): Promise<World> {
    const world = new World(options);
    for (const id of IDS) await world.start(id);
    for (const [from = "", to = ""] of LINKS) await world.link(from, to);
    await world.clock.advance(6_000);
    return world;
  }

  /** Those that were not killed. */
  get processes(): PeerProcess[] {
    return [...this.#processes.values()].filter(({ isDead }) => !isDead);
  }

  peer(id: string): PeerProcess {
    const process = this.#processes.get(id);
    if (!process) throw new Error(`there is no ${id}`);
    return process;
  }

  /** A process of that peer; the same device each time. */
  async start(id: string, extra: Partial<PeerNetworkOptions> = {}): Promise<PeerProcess> {
    const { clock, memory, ways, history } = this;
    const identity = this.#identities.get(id) ?? DeviceIdentity.generate();
    this.#identities.set(id, identity);
    this.#starts += 1;
    const process = new PeerProcess({
      ...{ id, identity, clock, memory, ways, history, start: this.#starts },
      ...{ seed: this.#seed * 1_000 + this.#starts, extra: { ...this.#extra, ...extra } },
    });
    await process.network.start();
    this.#processes.set(id, process);
    return process;
  }

  async link(from: string, to: string): Promise<void> {
    await this.until(this.peer(from).network.connect(`memory:${to}`));
  }

  async kill(id: string): Promise<void> {
    const process = this.peer(id);
    this.history.abandon(process.name);
    await process.kill();
  }

  /** Nothing gets from one side to the other, or back; nobody is told. */
  split(...sides: readonly (readonly string[])[]): void {
    this.memory.faults.partition(...sides);
  }

  heal(): void {
    this.memory.faults.heal();
    this.ways.openAll();
  }

  /** A day's work, at random, for so long. */
  async work(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    const pace = seededRng(this.#seed + untilMs);
    while (this.clock.monotonicMs() < untilMs) {
      this.#workload.step(this.processes);
      await this.clock.advance(pace.next() * STEP);
    }
  }

  /** Whether everybody who lives reaches everybody else who does, and thinks the network whole. */
  isWhole(): boolean {
    const ids = this.processes.map(({ id }) => id);
    return this.processes.every((process) => {
      const others = ids.filter((id) => id !== process.id).sort();
      return others.every((id) => process.reaches().includes(id));
    });
  }

  /** How long it takes until {@link World.isWhole} holds, in ms, while work goes on; at most a minute. */
  async whole(): Promise<number> {
    const fromMs = this.clock.monotonicMs();
    while (!this.isWhole() && this.clock.monotonicMs() < fromMs + 60_000) await this.work(100);
    return this.clock.monotonicMs() - fromMs;
  }

  /** Until all calls are over. */
  async drain(): Promise<void> {
    await this.clock.advance(DRAIN);
  }

  /** Moves the clock on until the promise has settled, for at most a minute. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const settled = { yet: false };
    const mark = (): void => {
      settled.yet = true;
    };
    promise.then(mark, mark);
    for (let step = 0; !settled.yet && step < 1_200; step++) await this.clock.advance(50);
    if (!settled.yet) throw new Error("nothing happened within a minute of the clock");
    return await promise;
  }

  /** Ends everything. @returns what is left of it: timers and links; it should be nothing. */
  async stop(): Promise<number> {
    this.heal();
    const { processes } = this;
    await this.until(Promise.all(processes.map(({ network }) => network.stop())));
    await this.clock.advance(0);
    const links = [...this.#processes.values()].map(({ machine }) => machine.links);
    return links.reduce((sum, each) => sum + each, this.clock.pending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
