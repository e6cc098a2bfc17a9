import {
  type Clock,
  type Link,
  type Listener,
  type MemoryTransport,
  memoryTransport,
  NetworkError,
  seededRng,
  toNetworkError,
} from "@net/core";
import { FakeClock } from "@net/core/testing";
import { type LinkStateAdvert, NetworkTopology } from "@net/routing";
import { Redialler } from "../../../src/links/redialler.ts";
import { meshCostUs, metricsOf } from "../../../src/liveness/link-cost.ts";
import { MeshLiveness } from "../../../src/liveness/mesh-liveness.ts";
import type { LivenessMessage } from "../../../src/liveness/messages.ts";
import { NetworkWatch } from "../../../src/liveness/network-watch.ts";
import { PartitionObserver } from "../../../src/liveness/partition-observer.ts";
import type { PeerLiveness } from "../../../src/liveness/peer-liveness.ts";
import { PeerStates } from "../../../src/liveness/peer-states.ts";
import { SimulatedHost } from "./simulated-host.ts";

type Frame =
  | { readonly hello: string }
  | { readonly adverts: readonly LinkStateAdvert[] }
  | { readonly liveness: LivenessMessage };

interface Connection {
  readonly peerId: string;
  readonly closed: Promise<unknown>;
  readonly link: Link;
  readonly liveness: PeerLiveness;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A peer with as much of a mesh as liveness is joined with: links, adverts, redialling. What the package does, in small. */
export class MeshPeer {
  readonly id: string;
  readonly host: SimulatedHost;
  readonly liveness: MeshLiveness;
  readonly topology: NetworkTopology;
  readonly partitions: PartitionObserver;
  readonly states: PeerStates;
  readonly redialler: Redialler<Connection>;
  /** The addresses of this machine. */
  addresses: readonly string[] = ["192.0.2.1"];
  readonly #memory: MemoryTransport;
  readonly #connections = new Map<string, Connection>();
  readonly #adverts = new Map<string, LinkStateAdvert>();
  readonly #closing = new AbortController();
  readonly #watch: NetworkWatch;
  /** Which host of the memory network it is. */
  #address: string;
  #isAnnouncing = false;
  #listener: Listener | undefined;

  constructor(id: string, clock: FakeClock, memory: MemoryTransport, seed: number) {
    this.id = id;
    this.#address = id;
    this.#memory = memory;
    this.host = new SimulatedHost(clock);
    const rng = seededRng(seed);
    const common = { clock: this.host as Clock, rng };
    this.topology = new NetworkTopology(id, { clock: this.host, cost: meshCostUs });
    this.liveness = new MeshLiveness({
      ...{ ...common, self: id, heartbeatInterval: 5_000 },
      neighboursOf: (peerId) => this.#neighboursOf(peerId),
    });
    this.partitions = new PartitionObserver({
      self: id,
      clock: this.host,
      topology: this.topology,
    });
    this.states = new PeerStates({ self: id, liveness: this.liveness, topology: this.topology });
    const dial = (address: string, options: { signal?: AbortSignal | undefined }) =>
      this.#dial(address, options.signal);
    this.redialler = new Redialler({ ...common, closing: this.#closing.signal, dial });
    this.#watch = new NetworkWatch({
      clock: this.host,
      interfaces: () => this.addresses.map((address) => ({ address, internal: false })),
    });
    this.#join();
  }

  get neighbours(): string[] {
    return [...this.#connections.keys()].sort();
  }

  async listen(): Promise<void> {
    const transport = this.#memory.at(this.#address);
    await this.#listener?.close();
    const answer = (link: Link): void => this.#answer(link);
    this.#listener = await transport.listen(`memory:${this.#address}`, answer);
  }

  /** Another address from now on; what went to the old one is lost. */
  async move(address: string): Promise<void> {
    this.#address = address;
    this.addresses = [address];
    await this.listen();
  }

  async connect(other: string): Promise<void> {
    const address = `memory:${other}`;
    this.redialler.keep(address, await this.#dial(address, undefined), undefined);
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#listener?.close();
    this.#watch[Symbol.dispose]();
    this.partitions[Symbol.dispose]();
    this.states[Symbol.dispose]();
    this.liveness[Symbol.dispose]();
    this.topology.close();
    for (const { link } of this.#connections.values()) link.abort();
    await this.redialler.ended();
  }

  /** What the lead's `Links` and `Mesh` do with it. */
  #join(): void {
    const { liveness, topology } = this;
    liveness.on("changed", (peerId, { state }) => {
      const connection = this.#connections.get(peerId);
      if (state === "dead") connection?.link.abort({ code: "timeout", message: "" });
      else topology.observeLink(peerId, metricsOf(state, { lossRatio: 0 }));
    });
    liveness.on("measured", (peerId, rttMs) => topology.observeLink(peerId, { rttMs }));
    liveness.on("wake", () => {
      this.#watch.look();
      this.redialler.hurry();
    });
    this.#watch.on("changed", ({ removed }) => {
      if (removed.length > 0) liveness.doubtAll();
      this.redialler.hurry();
    });
    this.partitions.on("partition:healed", ({ healed }) => {
      for (const peerId of healed) this.redialler.hurry(peerId);
    });
    topology.on("topology:updated", ({ change }) => {
      if (change === "link") this.#announce();
    });
    this.host.setInterval(() => this.#announce(), 30_000);
  }

  #announce(): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    queueMicrotask(() => {
      this.#isAnnouncing = false;
      this.#flood([this.topology.localAdvert()], undefined);
    });
  }

  #flood(adverts: readonly LinkStateAdvert[], except: string | undefined): void {
    for (const [peerId, { link }] of this.#connections) {
      if (peerId !== except) send(link, { adverts });
    }
  }

  #neighboursOf(peerId: string): string[] {
    const { edges } = this.topology.getTopologyGraph();
    return edges.flatMap(({ source, target }) =>
      source === peerId ? [target] : target === peerId ? [source] : [],
    );
  }

  async #dial(address: string, signal: AbortSignal | undefined): Promise<Connection> {
    const link = await this.#memory.at(this.#address).dial(address, { signal });
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    signal?.addEventListener("abort", () => {
      reject(signal.reason);
      if (!this.#has(link)) link.abort();
    });
    void link.closed.then(({ code }) => reject(new NetworkError("CONFLICT", code)));
    this.#receive(link, resolve);
    send(link, { hello: this.id });
    return await promise;
  }

  #answer(link: Link): void {
    this.#receive(link, () => send(link, { hello: this.id }));
  }

  #receive(link: Link, greeted: (connection: Connection) => void): void {
    let connection: Connection | undefined;
    link.receive((bytes) =>
      this.host.deliver(() => {
        const frame = JSON.parse(decoder.decode(bytes)) as Frame;
        if ("hello" in frame) {
          connection = this.#greet(link, frame.hello);
          if (connection) greeted(connection);
        } else if (connection) this.#handle(connection, frame);
      }),
    );
  }

  /** An older link stays, unless it turns out to be stale: then the next attempt succeeds. */
  #greet(link: Link, peerId: string): Connection | undefined {
    const older = this.#connections.get(peerId);
    if (older) {
      older.liveness.doubt();
      link.abort({ code: "replaced", message: "" });
      return undefined;
    }
    const liveness = this.liveness.add({
      peerId,
      send: (message) => send(link, { liveness: message }),
    });
    const connection: Connection = { peerId, closed: link.closed, link, liveness };
    this.#connections.set(peerId, connection);
    void link.closed.then(() => this.host.deliver(() => this.#lost(connection)));
    this.topology.observeLink(peerId, { rttMs: 1 });
    queueMicrotask(() => send(link, { adverts: this.#known() }));
    return connection;
  }

  /** All that a new neighbour may not know: how the databases are compared is the mesh's matter. */
  #known(): LinkStateAdvert[] {
    return [this.topology.localAdvert(), ...this.#adverts.values()];
  }

  #handle(connection: Connection, frame: Frame): void {
    const { peerId, liveness } = connection;
    if (this.#connections.get(peerId) !== connection) return;
    liveness.heard();
    if ("liveness" in frame) this.liveness.receive(peerId, frame.liveness);
    if (!("adverts" in frame)) return;
    for (const advert of frame.adverts) {
      if (this.topology.applyAdvert(advert) !== "applied") continue;
      this.#adverts.set(advert.origin, advert);
      this.#flood([advert], peerId);
    }
  }

  #lost(connection: Connection): void {
    const { peerId } = connection;
    if (this.#connections.get(peerId) !== connection) return;
    this.#connections.delete(peerId);
    this.liveness.remove(peerId);
    this.topology.dropLink(peerId);
  }

  #has(link: Link): boolean {
    return [...this.#connections.values()].some((each) => each.link === link);
  }
}

/** Several such peers over memory, on one clock. */
export class Mesh implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly memory: MemoryTransport = memoryTransport({ clock: this.clock });
  readonly peers: Map<string, MeshPeer> = new Map();

  static async linked(links: readonly (readonly [string, string])[], seed = 1): Promise<Mesh> {
    const mesh = new Mesh();
    for (const [index, id] of [...new Set(links.flat())].entries()) {
      mesh.peers.set(id, new MeshPeer(id, mesh.clock, mesh.memory, seed + index));
    }
    for (const peer of mesh.peers.values()) await peer.listen();
    for (const [a, b] of links) {
      const connected = mesh.peer(a).connect(b);
      await mesh.clock.advance(1);
      await connected;
    }
    await mesh.clock.advance(3_000);
    return mesh;
  }

  peer(id: string): MeshPeer {
    const peer = this.peers.get(id);
    if (!peer) throw new Error(`there is no ${id}`);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.memory.faults.heal();
    await Promise.all([...this.peers.values()].map((peer) => peer.stop()));
  }
}

/** A frame that the link cannot take is a lost one. */
function send(link: Link, frame: Frame): void {
  try {
    link.send(encoder.encode(JSON.stringify(frame)));
  } catch (error) {
    toNetworkError(error);
  }
}
