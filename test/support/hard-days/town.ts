import { isDeepStrictEqual } from "node:util";
import { sleep } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { type OneWay, RoutedMachines } from "../routed-machines.ts";
import type { News, Partition, View } from "./commands.ts";
import { History } from "./history.ts";
import { PeerProcess } from "./peer-process.ts";

export const EVERYBODY: readonly string[] = ["a", "b", "c", "d", "e"];
/** Between two looks, in ms. */
const PERIOD = 50;
/** How often it is looked whether a peer that has stopped has left nothing. */
const MAX_LOOKS = 200;

export interface TownOptions {
  readonly heartbeatInterval: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

export interface CutOptions {
  /** Default: both ways. */
  readonly oneWay?: boolean;
}

/** What is left of a peer that has stopped. */
export interface Remains {
  readonly peerId: string;
  /** What keeps the process alive that did not before it started. */
  readonly resources: readonly string[];
  readonly exitCode: number | null;
  readonly output: string;
}

/** Five peers, each in a process and on a machine of its own, all linked with each other. */
export class Town implements AsyncDisposable {
  readonly history: History = new History();
  readonly #machines: RoutedMachines;
  readonly #options: TownOptions;
  readonly #peers = new Map<string, PeerProcess>();
  readonly #pems = new Map(EVERYBODY.map((id) => [id, DeviceIdentity.generate().toPem()]));
  /** What a process has before it does anything. */
  #resources: readonly string[] = [];

  private constructor(machines: RoutedMachines, options: TownOptions) {
    this.#machines = machines;
    this.#options = options;
  }

  /** Resolves when all know all. */
  static async start(options: TownOptions): Promise<Town> {
    const town = new Town(await RoutedMachines.create(EVERYBODY.length), options);
    try {
      await Promise.all(EVERYBODY.map((id) => town.startPeer(id)));
      await Promise.all(EVERYBODY.map((id) => town.connect(id)));
      await town.becomesWhole();
      return town;
    } catch (error) {
      await town[Symbol.asyncDispose]();
      throw error;
    }
  }

  peer(id: string): PeerProcess {
    const peer = this.#peers.get(id);
    if (!peer) throw new RangeError(`there is no peer ${id}`);
    return peer;
  }

  /** A new process for that peer, on its machine, under its identity. */
  async startPeer(peerId: string): Promise<void> {
    const machine = this.#machines.on(indexOf(peerId));
    const { heartbeatInterval, signal } = this.#options;
    const onNews = (news: News, pid: number): void => this.history.add(peerId, pid, news);
    const peer = new PeerProcess(machine, onNews, signal);
    this.#peers.set(peerId, peer);
    this.#resources = await peer.ask("resources");
    await peer.ask("start", { peerId, pem: this.#pems.get(peerId) ?? "", heartbeatInterval });
  }

  /** Each peer dials, and keeps, those before it. */
  async connect(id: string): Promise<void> {
    const before = EVERYBODY.slice(0, indexOf(id));
    await this.peer(id).ask(
      "connect",
      before.map((other) => this.#urlOf(other)),
    );
  }

  async kill(id: string): Promise<void> {
    this.history.killed(this.peer(id).pid);
    await this.peer(id).kill();
  }

  /** Loses all that is sent from one of these to one of those, and the other way too. */
  async cut(from: string, to: string, { oneWay = false }: CutOptions = {}): Promise<void> {
    const ways = [...from].flatMap((near) =>
      [...to].map((far): OneWay => [indexOf(near), indexOf(far)]),
    );
    const back = ways.map(([near, far]): OneWay => [far, near]);
    await this.#machines.cut(oneWay ? ways : [...ways, ...back]);
  }

  async mend(): Promise<void> {
    await this.#machines.cut([]);
  }

  async moveToNewAddress(id: string): Promise<void> {
    await this.#machines.moveToNewAddress(indexOf(id));
  }

  /** Every peer calls others from now on. */
  async load(ids: readonly string[] = EVERYBODY): Promise<void> {
    await Promise.all(ids.map((id) => this.peer(id).ask("load")));
  }

  /** Resolves when all calls have settled. */
  async unload(): Promise<void> {
    await Promise.all(EVERYBODY.map((id) => this.peer(id).ask("unload")));
  }

  /** Waits until these see what is wanted. @throws Error with what they see, if the time is over before. */
  async see(ids: readonly string[], wanted: (view: View, id: string) => boolean): Promise<void> {
    const { signal } = this.#options;
    let seen: (readonly [string, View])[] = [];
    try {
      do {
        await sleep(PERIOD, { signal });
        seen = await Promise.all(ids.map(async (id) => [id, await this.peer(id).ask("view")]));
      } while (!seen.every(([id, view]) => wanted(view, id)));
    } catch (cause) {
      const views = seen.map((view) => `\n${JSON.stringify(view)}`).join("");
      throw new Error(`it never came to that. Seen last:${views}`, { cause });
    }
  }

  /** Waits until all members of each side tell of the same partition. */
  async agrees(...sides: readonly string[]): Promise<void> {
    for (const side of sides) {
      const partition = partitionOf(side);
      await this.see([...side], (view) => isDeepStrictEqual(view.partition, partition));
    }
  }

  /** Waits until all are linked with all, once, all know it, and nobody is missing anybody. */
  async becomesWhole(): Promise<void> {
    const links = EVERYBODY.flatMap((a) => EVERYBODY.filter((b) => a < b).map((b) => `${a}-${b}`));
    await this.see(EVERYBODY, ({ neighbours, reached, sockets, ...view }, id) => {
      const others = EVERYBODY.filter((other) => other !== id);
      return isDeepStrictEqual(
        [neighbours, reached, view.links, view.partition?.lost ?? [], sockets],
        [others, others, links, [], others.length],
      );
    });
  }

  /** Stops all peers; their processes must then end by themselves. */
  async end(): Promise<Remains[]> {
    await this.unload();
    await Promise.all(EVERYBODY.map((id) => this.peer(id).ask("stop")));
    return await Promise.all(EVERYBODY.map((id) => this.#endPeer(id)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#peers.values()].map((peer) => peer.kill()));
    await this.#machines[Symbol.asyncDispose]();
  }

  async #endPeer(peerId: string): Promise<Remains> {
    const peer = this.peer(peerId);
    let resources = await this.#leftOver(peer);
    // Sockets take a moment to close.
    for (let looks = 0; resources.length > 0 && looks < MAX_LOOKS; looks++) {
      await sleep(PERIOD, { signal: this.#options.signal });
      resources = await this.#leftOver(peer);
    }
    const exitCode = await peer.leave();
    return { peerId, resources, exitCode, output: peer.output };
  }

  async #leftOver(peer: PeerProcess): Promise<readonly string[]> {
    const before = [...this.#resources];
    const now = await peer.ask("resources");
    return now.filter((resource) => {
      const index = before.indexOf(resource);
      if (index >= 0) before.splice(index, 1);
      return index < 0;
    });
  }

  #urlOf(id: string): string {
    return `ws://${this.#machines.addressOf(indexOf(id))}:8080`;
  }
}

/** What the members of a side tell: `abc`. */
function partitionOf(side: string): Partition {
  const members = EVERYBODY.filter((id) => side.includes(id));
  const lost = EVERYBODY.filter((id) => !side.includes(id));
  return { members, lost, majority: members.length > lost.length };
}

function indexOf(id: string): number {
  return EVERYBODY.indexOf(id);
}
