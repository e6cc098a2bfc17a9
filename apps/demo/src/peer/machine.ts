import { Emitter, toNetworkError } from "@net/core";
import { DistributedExecutor, discoverNodes, type FoundNode, PeerNetwork } from "@net/p2p";
import type { TopologyEdge } from "@net/routing";
import type {
  Counted,
  CountedInPieces,
  Found,
  MapEdge,
  PeerConfig,
  PeerMethods,
  Refusal,
} from "./methods.ts";
import { type CountAnswer, registerTools } from "./tools.ts";

/** Short, so that a dead machine is noticed while somebody watches. */
const HEARTBEAT_INTERVAL = 200;

/** One machine of the tour: a peer that dials whomever it discovers. */
export class Machine {
  readonly #network: PeerNetwork;
  readonly #executor: DistributedExecutor;
  readonly #startedAt = performance.now();
  readonly #found = new Map<string, Found>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #changes = new Emitter<{ refused: []; found: [] }>();
  readonly #config: PeerConfig;

  private constructor(config: PeerConfig) {
    const { name, networkId, jwtSecret, host, port, capabilities, relay, refuse } = config;
    this.#config = config;
    this.#network = new PeerNetwork({
      peerId: name,
      ...{ networkId, jwtSecret, host, port, capabilities, relay },
      heartbeatInterval: HEARTBEAT_INTERVAL,
      admit: ({ peerId, relayed }) =>
        refuse.includes(peerId) && !relayed ? `${name} takes no links from ${peerId}` : true,
      discovery: { mdns: true },
    });
    this.#executor = new DistributedExecutor(this.#network.tools, this.#network.router());
    registerTools(this.#network, { slow: config.slowTool });
  }

  static async start(config: PeerConfig): Promise<Machine> {
    const machine = new Machine(config);
    await machine.#network.start();
    void machine.#dialDiscovered();
    return machine;
  }

  get address(): string {
    return this.#network.address ?? "";
  }

  /** Resolves when this machine has discovered each of these peers itself, whoever linked to whom. */
  async discovered(peerIds: readonly string[]): Promise<{ readonly found: readonly Found[] }> {
    while (!peerIds.every((peerId) => this.#found.has(peerId))) await this.#changes.once("found");
    return { found: [...this.#found.values()] };
  }

  /** Resolves when that peer has refused a link. */
  async refusal(by: string): Promise<Refusal> {
    for (;;) {
      const refusal = this.#refusals.get(by);
      if (refusal) return refusal;
      await this.#changes.once("refused");
    }
  }

  /** Resolves when there is a way to each of these peers and their tools are known. */
  async reach(peerIds: readonly string[]): Promise<{ readonly waitedMs: number }> {
    const start = performance.now();
    while (!peerIds.every((peerId) => this.#offersTools(peerId))) {
      await this.#network.once("topology:updated");
    }
    return { waitedMs: performance.now() - start };
  }

  /** The network as this machine sees it, once every link in it has been measured. */
  async map(): Promise<Awaited<ReturnType<PeerMethods["map"]>>> {
    for (;;) {
      const { nodes, edges } = this.#network.getTopologyGraph();
      const measured = edges.flatMap(toEdge);
      if (measured.length > 0 && measured.length === edges.length) {
        return { nodes: nodes.map(({ id }) => id), edges: measured };
      }
      await this.#network.once("topology:updated");
    }
  }

  async countWords({
    on,
    bytes,
    path,
  }: Parameters<PeerMethods["countWords"]>[0]): Promise<Counted> {
    const start = performance.now();
    const result = await this.#network.call(on, "count-words", { bytes, path });
    const { executedOn, attempts, hops } = result;
    const durationMs = performance.now() - start;
    return { ...(result.value as CountAnswer), executedOn, attempts, hops, durationMs };
  }

  async countPieces(pieces: readonly Uint8Array[]): Promise<CountedInPieces> {
    const start = performance.now();
    const requests = pieces.map((bytes) => ({ toolName: "count-words", params: { bytes } }));
    const results = await this.#executor.executeParallel(requests, { concurrency: pieces.length });
    const ranOn: Record<string, number> = {};
    const counted = results.map((result) => {
      if (!result.ok) throw result.error;
      ranOn[result.executedOn] = (ranOn[result.executedOn] ?? 0) + 1;
      return (result.value as CountAnswer).counts;
    });
    return { pieces: counted, ranOn, durationMs: performance.now() - start };
  }

  async countSlowly(params: Parameters<PeerMethods["countSlowly"]>[0]): Promise<Counted> {
    const start = performance.now();
    const result = await this.#executor.execute("count-words-slowly", params);
    const { executedOn, attempts } = result;
    const durationMs = performance.now() - start;
    return { ...(result.value as CountAnswer), executedOn, attempts, hops: 1, durationMs };
  }

  async invite(name: string): Promise<{ readonly token: string }> {
    return { token: await this.#network.generateJWT({ sub: name }) };
  }

  #offersTools(peerId: string): boolean {
    const { nodes } = this.#network.getTopologyGraph();
    return nodes.some(
      ({ id, hops, tools }) => id === peerId && hops !== undefined && tools.length > 0,
    );
  }

  async #dialDiscovered(): Promise<void> {
    const { networkId, name } = this.#config;
    for await (const node of discoverNodes({ mdns: { networkId } })) {
      if (node.peerId === undefined || node.peerId === name) continue;
      this.#note(node, node.peerId);
      void this.#dial(node, node.peerId);
    }
  }

  #note({ address }: FoundNode, peerId: string): void {
    if (this.#found.has(peerId)) return;
    this.#found.set(peerId, { peerId, address, afterMs: performance.now() - this.#startedAt });
    this.#changes.emit("found");
  }

  async #dial({ address }: FoundNode, peerId: string): Promise<void> {
    if (this.#config.refuse.includes(peerId)) return;
    try {
      await this.#network.connect(address);
    } catch (error) {
      // Both may dial at once: then one of the two links is given up, and that is no refusal.
      const { code, message } = toNetworkError(error);
      if (code !== "PERMISSION_DENIED") return;
      this.#refusals.set(peerId, { peerId, reason: message });
      this.#changes.emit("refused");
    }
  }
}

/** Nothing for a link that no heartbeat has crossed yet. */
function toEdge({ source, target, rttMs }: TopologyEdge): MapEdge[] {
  return rttMs === undefined ? [] : [{ from: source, to: target, rttMs }];
}
