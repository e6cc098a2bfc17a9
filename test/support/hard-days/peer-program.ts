// A peer in a process of its own, told over IPC what to do.
import { type Clock, systemClock } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { PeerNetwork } from "@net/p2p";
import type {
  Commands,
  News,
  Partition,
  PeerStart,
  Question,
  Said,
  StreamRead,
  View,
} from "./commands.ts";
import { Load } from "./load.ts";

const jwtSecret = "what all peers of these days know";
/** How long a tool works, in ms: sometimes long enough to be under way when the weather changes. */
const WORK = [5, 5, 5, 300];
const CHUNKS = 300;
const CHUNK_BYTES = 16_384;

function say(said: Said): void {
  process.send?.(said);
}

function tell(news: News): void {
  say({ news });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class Peer implements Commands {
  #aheadMs = 0;
  #partition: Partition | undefined;
  #network: PeerNetwork | undefined;
  #load: Load | undefined;
  #runs = 0;
  #streamed = 0;

  async start({ peerId, pem, heartbeatInterval }: PeerStart): Promise<void> {
    const clock: Clock = { ...systemClock, nowMs: () => Date.now() + this.#aheadMs };
    const identity = DeviceIdentity.fromPem(pem);
    const network = new PeerNetwork({
      ...{ peerId, identity, jwtSecret, heartbeatInterval, clock, relay: true },
      ...{ host: "0.0.0.0", port: 8080 },
    });
    this.#offer(network);
    this.#report(network);
    await network.start();
    this.#network = network;
    this.#load = new Load(network, tell);
  }

  async connect(addresses: readonly string[]): Promise<void> {
    await Promise.all(addresses.map((address) => this.#running.connect(address)));
  }

  async view(): Promise<View> {
    const { nodes, edges } = this.#running.getTopologyGraph();
    const resources = process.getActiveResourcesInfo();
    const links = new Set(edges.map(({ source, target }) => [source, target].sort().join("-")));
    const others = nodes.filter(({ self, hops }) => !self && hops !== undefined);
    return {
      neighbours: this.#running
        .getConnectedPeers()
        .map(({ peerId }) => peerId)
        .sort(),
      reached: others.map(({ id }) => id).sort(),
      links: [...links].sort(),
      sockets: resources.filter((resource) => resource === "TCPSocketWrap").length,
      partition: this.#partition,
    };
  }

  async load(): Promise<void> {
    this.#load?.start();
  }

  async unload(): Promise<void> {
    await this.#load?.end();
  }

  async block(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs);
  }

  async setForward(ms: number): Promise<void> {
    this.#aheadMs += ms;
  }

  async readStream(peerId: string): Promise<StreamRead> {
    const numbers: number[] = [];
    let mostAhead = 0;
    const call = this.#running.call(peerId, "stream");
    for await (const chunk of call.stream) {
      numbers.push(new DataView((chunk as Uint8Array<ArrayBuffer>).slice().buffer).getUint32(0));
      if (numbers.length % 10 > 0) continue;
      const streamed = await this.#running.executeRemoteTool<number>(peerId, "streamed");
      mostAhead = Math.max(mostAhead, streamed - numbers.length);
      await sleep(50);
    }
    return { numbers, mostAhead };
  }

  async resources(): Promise<readonly string[]> {
    return process.getActiveResourcesInfo().sort();
  }

  async stop(): Promise<void> {
    await this.#running.stop();
    this.#network = undefined;
  }

  get isRunning(): boolean {
    return this.#network !== undefined;
  }

  get #running(): PeerNetwork {
    if (!this.#network) throw new Error("this peer does not run");
    return this.#network;
  }

  #offer(network: PeerNetwork): void {
    const work = async (id: string): Promise<unknown> => {
      tell({ kind: "ran", id });
      await sleep(WORK[this.#runs++ % WORK.length] ?? 0);
      return [network.peerId, id];
    };
    network.registerTool<string>({ name: "work" }, work);
    network.registerTool<string>({ name: "look-up", idempotent: true }, work);
    network.registerTool({ name: "streamed", idempotent: true }, () => this.#streamed);
    network.registerTool({ name: "stream" }, () => this.#stream());
  }

  async *#stream(): AsyncGenerator<Uint8Array> {
    for (this.#streamed = 0; this.#streamed < CHUNKS; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      new DataView(chunk.buffer).setUint32(0, this.#streamed++);
      yield chunk;
    }
  }

  #report(network: PeerNetwork): void {
    network.on("peer:connected", ({ peerId: peer }) => tell({ kind: "linked", peer }));
    network.on("peer:disconnected", (peer, { code, message }) =>
      tell({ kind: "unlinked", peer, why: `${code}: ${message}` }),
    );
    network.on("peer:state", (peer, state, reason) => tell({ kind: "state", peer, state, reason }));
    network.on("partition:detected", (partition) => this.#tell("detected", partition));
    network.on("partition:healed", (partition) => this.#tell("healed", partition));
  }

  #tell(kind: "detected" | "healed", { members, lost, majority }: Partition): void {
    this.#partition = { members, lost, majority };
    tell({ kind, partition: this.#partition });
  }
}

const peer = new Peer();

async function answer({ number, command, args }: Question): Promise<void> {
  try {
    const run = peer[command] as (...args: readonly unknown[]) => Promise<unknown>;
    say({ number, result: await run.apply(peer, args as unknown[]) });
  } catch (error) {
    say({ number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on("message", (question) => void answer(question as Question));
// Without its test it has nothing to live for; one that was stopped must end by itself.
process.once("disconnect", () => peer.isRunning && process.exit(1));
