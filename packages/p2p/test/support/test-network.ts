import { type MemoryTransport, memoryTransport, seededRng } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { PeerNetwork, type PeerNetworkOptions } from "@net/p2p";

type Extra = Partial<Omit<PeerNetworkOptions, "peerId">>;

/** After so long without news, in ms, everything was told to everybody, and the next news is told at once. */
const CALM = 5_000;

/** Peers in one process, over memory and on a clock that moves when told. Stops all of them when it is disposed of. */
export class TestNetwork implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly memory: MemoryTransport = memoryTransport({ clock: this.clock });
  readonly #peers: PeerNetwork[] = [];

  get faults(): MemoryTransport["faults"] {
    return this.memory.faults;
  }

  /** A peer that listens at `memory:<id>`. */
  async peer(peerId: string, extra: Extra = {}): Promise<PeerNetwork> {
    const network = this.idle(peerId, extra);
    await network.start();
    return network;
  }

  /** A peer that was not started. */
  idle(peerId: string, extra: Extra = {}): PeerNetwork {
    const network = new PeerNetwork({
      ...{ peerId, transport: this.memory.at(peerId), listenAddress: `memory:${peerId}` },
      ...{ clock: this.clock, rng: seededRng(this.#peers.length) },
      ...extra,
    });
    this.#peers.push(network);
    return network;
  }

  /** Peers in a row, each linked to the next; those between the ends relay. */
  async line(...ids: readonly string[]): Promise<PeerNetwork[]> {
    const last = ids.length - 1;
    const peers = await Promise.all(
      ids.map((id, index) => this.peer(id, { relay: index > 0 && index < last })),
    );
    for (const [index, peer] of peers.entries()) {
      if (index > 0) await peer.connect(`memory:${ids[index - 1]}`);
    }
    await this.calm();
    return peers;
  }

  /** Lets everybody hear of what has changed, until now and right after this. */
  async calm(): Promise<void> {
    await settle();
    await this.clock.advance(CALM);
  }

  /** Moves the clock on until the promise has settled, in steps, for at most `limitMs`. */
  async until<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    const settled = { yet: false };
    const mark = (): void => {
      settled.yet = true;
    };
    promise.then(mark, mark);
    for (let passedMs = 0; !settled.yet && passedMs < limitMs; passedMs += 100) {
      await this.clock.advance(100);
    }
    if (!settled.yet) throw new Error(`nothing happened within ${limitMs} ms of the clock`);
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.faults.heal();
    const stopped = Promise.all(this.#peers.map((peer) => peer.stop()));
    await this.until(stopped);
  }
}
