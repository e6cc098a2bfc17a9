import { type MemoryTransport, seededRng } from "@net/core";
import type { DeviceIdentity } from "@net/core/identity";
import type { FakeClock } from "@net/core/testing";
import { DistributedExecutor, PeerNetwork, type PeerNetworkOptions } from "@net/p2p";
import { SimulatedHost } from "../../liveness/support/simulated-host.ts";
import type { History } from "./history.ts";
import { Machine } from "./machine.ts";
import { Pauses } from "./pauses.ts";
import { offerTools } from "./tools.ts";
import type { Ways } from "./ways.ts";
import { Witness } from "./witness.ts";

export interface ProcessOptions {
  readonly id: string;
  /** Which start of that peer it is. */
  readonly start: number;
  readonly identity: DeviceIdentity;
  readonly clock: FakeClock;
  readonly memory: MemoryTransport;
  readonly ways: Ways;
  readonly history: History;
  readonly seed: number;
  readonly extra: Partial<PeerNetworkOptions>;
}

/** One peer as a process on a machine of its own, with a clock of its own. */
export class PeerProcess {
  readonly id: string;
  /** Tells it from its next start. */
  readonly name: string;
  readonly host: SimulatedHost;
  readonly machine: Machine;
  readonly network: PeerNetwork;
  readonly executor: DistributedExecutor;
  readonly witness: Witness;
  readonly pauses: Pauses = new Pauses();
  readonly #memory: MemoryTransport;
  readonly #base: FakeClock;
  #isDead = false;

  constructor(options: ProcessOptions) {
    const { id, start, identity, clock: base, memory, ways, history, seed, extra } = options;
    this.id = id;
    this.name = `${id}#${start}`;
    this.#base = base;
    this.#memory = memory;
    this.host = new SimulatedHost(base);
    this.machine = new Machine(id, memory, ways);
    const common = { clock: this.host, rng: seededRng(seed) };
    this.network = new PeerNetwork({
      ...{ ...common, peerId: id, identity, relay: true },
      ...{ transport: this.machine, listenAddress: `memory:${id}` },
      ...extra,
    });
    this.executor = new DistributedExecutor(this.network.tools, this.network.router(), common);
    this.witness = new Witness(this.network, history);
    offerTools(this, history);
  }

  /** Whether it can do anything now. */
  get runs(): boolean {
    return !this.#isDead && !this.host.isStopped;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** SIGSTOP, or a blocked event loop: nothing of it runs, nothing leaves or is read. */
  stop(): void {
    this.host.stop();
    this.#memory.faults.freeze(this.machine.host);
    this.pauses.begin(this.#base.monotonicMs(), false);
  }

  /** SIGCONT: its timers ring before it reads, as libuv does it. */
  resume(): void {
    this.pauses.end(this.#base.monotonicMs());
    this.host.resume();
    this.#base.setTimeout(() => this.#memory.faults.thaw(this.machine.host), 0);
  }

  /** Nothing of its main thread runs for so long. */
  block(ms: number): void {
    this.stop();
    this.#base.setTimeout(() => this.resume(), ms);
  }

  /** The lid is closed: what is sent to it is lost, and its monotonic clock stands still. */
  suspend(): void {
    this.host.suspend("stands still");
    this.#memory.faults.freeze(this.machine.host);
    this.pauses.begin(this.#base.monotonicMs(), true);
  }

  /** The lid is opened in another place. */
  async wakeAt(address: string): Promise<void> {
    await this.machine.move(address);
    this.pauses.end(this.#base.monotonicMs());
    this.host.resume();
  }

  /** SIGKILL: no goodbye, and nothing of it runs ever again. */
  async kill(): Promise<void> {
    this.#isDead = true;
    this.host.kill();
    await this.machine.kill();
  }

  /** The peers that it can reach. */
  reaches(): string[] {
    const { nodes } = this.network.getTopologyGraph();
    return nodes
      .filter(({ self, hops }) => !self && hops !== undefined)
      .map(({ id }) => id)
      .sort();
  }
}
