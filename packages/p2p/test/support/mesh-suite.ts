import type { Transport } from "@net/core";
import { PeerNetwork, type PeerNetworkOptions } from "@net/p2p";
import { expect, test } from "vitest";

/** A transport under test, and where a peer listens on it. */
export interface MeshSubject {
  readonly transport: Transport;
  /** An address to listen at that is free, or becomes one; the peer's `address` then tells which it is. */
  readonly listenAddress: (peerId: string) => string;
  /** Options of the network that the transport needs. */
  readonly options?: Partial<PeerNetworkOptions>;
}

type MakeSubject = () => MeshSubject | Promise<MeshSubject>;

const TIMEOUT = 30_000;
const jwtSecret = "a secret of the test, 32 bytes long";

/**
 * What a mesh does over any transport: whoever makes a new one runs this over it.
 *
 * @param make a transport, for each test; the peers of one test share it.
 */
export function meshSuite(name: string, make: MakeSubject): void {
  const it = (title: string, run: (scene: Scene) => Promise<void>): void => {
    test(`${name}: ${title}`, { timeout: TIMEOUT }, async () => {
      await using scene = new Scene(await make());
      await run(scene);
    });
  };

  it("two peers call each other's tools over one link", async (scene) => {
    const [a, b] = await scene.line("a", "b");
    a?.registerTool({ name: "who" }, () => "a");
    b?.registerTool({ name: "who" }, () => "b");

    expect(await a?.executeRemoteTool("b", "who")).toBe("b");
    expect(await b?.executeRemoteTool("a", "who")).toBe("a");
  });

  it("values of every kind and size travel", async (scene) => {
    const [a, b] = await scene.line("a", "b");
    b?.registerTool({ name: "echo" }, (value) => value);
    const value = { text: "größe", list: [1, -2.5, null, true], bytes: new Uint8Array([0, 255]) };
    expect(await a?.executeRemoteTool("b", "echo", value)).toEqual(value);
    const large = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);

    expect(await a?.executeRemoteTool("b", "echo", large)).toEqual(large);
  });

  it("many calls at the same time are each answered with their own", async (scene) => {
    const [a, b] = await scene.line("a", "b");
    b?.registerTool({ name: "echo" }, (value) => value);
    const numbers = Array.from({ length: 300 }, (_, n) => n);

    const answers = numbers.map(async (n) => await a?.executeRemoteTool("b", "echo", n));

    expect(await Promise.all(answers)).toEqual(numbers);
  });

  for (const peers of [["a", "b"] as const, ["a", "r", "b"] as const]) {
    const links = peers.length - 1;

    it(`over ${links} links many large questions and answers travel at the same time`, async (scene) => {
      const all = await scene.line(...peers);
      const [a, b] = [all[0], all.at(-1)];
      b?.registerTool({ name: "echo", concurrency: 1024 }, (value) => value);
      await scene.knows(a as PeerNetwork, "b", "echo");
      const sizes = [
        ...[...repeated(8, 900_000), ...repeated(70, 100_000)],
        ...[...repeated(100, 17_000), ...repeated(100, 6_000)],
      ];

      const answers = sizes.map(async (size, n) => {
        const answer = await a?.executeRemoteTool<Uint8Array>("b", "echo", bytesOf(size, n));
        return answer?.byteLength === size && answer.every((byte) => byte === n % 256);
      });

      expect(await Promise.all(answers)).toEqual(sizes.map(() => true));
      expect(a?.getConnectedPeers()).toHaveLength(1);
    });

    it(`over ${links} links streams of large chunks run beside each other`, async (scene) => {
      const all = await scene.line(...peers);
      const [a, b] = [all[0], all.at(-1)];
      b?.registerTool({ name: "pour", concurrency: 16 }, async function* () {
        for (let n = 0; n < 3; n++) yield bytesOf(900_000, n);
      });
      await scene.knows(a as PeerNetwork, "b", "pour");

      const streams = repeated(8, 0).map(async () => {
        const seen: number[] = [];
        for await (const chunk of a?.call("b", "pour").stream ?? []) {
          seen.push((chunk as Uint8Array)[0] ?? -1);
        }
        return seen;
      });

      expect(await Promise.all(streams)).toEqual(repeated(8, 0).map(() => [0, 1, 2]));
    });
  }

  it("a peer two links away is called, streams, and is cancelled", async (scene) => {
    const [a, , c] = await scene.line("a", "b", "c");
    const stopped = Promise.withResolvers<void>();
    c?.registerTool({ name: "count" }, async function* () {
      for (let n = 0; n < 40; n++) yield new Uint8Array(20_000).fill(n);
      return "counted";
    });
    c?.registerTool({ name: "forever" }, (_, { signal }) => {
      signal.addEventListener("abort", () => stopped.resolve());
      return new Promise(() => {});
    });
    await scene.knows(a as PeerNetwork, "c", "forever");
    const call = (a as PeerNetwork).call("c", "count");
    let n = 0;
    for await (const chunk of call.stream) expect((chunk as Uint8Array)[0]).toBe(n++);
    expect(await call).toMatchObject({ value: "counted", hops: 2 });

    const controller = new AbortController();
    const endless = (a as PeerNetwork).executeRemoteTool(
      "c",
      "forever",
      {},
      { signal: controller.signal },
    );
    endless.catch(() => {});
    await a?.executeRemoteTool("c", "count");
    controller.abort();
    await expect(endless).rejects.toMatchObject({ code: "ABORTED" });
    await stopped.promise;
  });

  it("messages reach neighbours and peers behind relays", async (scene) => {
    const [a, b, c] = await scene.line("a", "b", "c");
    await scene.knows(a as PeerNetwork, "c");
    const heard = Promise.all([b?.once("message"), c?.once("message")]);
    a?.broadcast({ type: "note", data: 1 });

    for (const arguments_ of await heard) {
      const message = arguments_?.[0];
      expect(message).toMatchObject({ from: "a", type: "note", data: 1 });
    }
  });

  it("a link that was lost is dialled again", async (scene) => {
    const [a, b] = await scene.line("a", "b");
    b?.registerTool({ name: "who" }, () => "b");
    const lost = b?.once("peer:disconnected");
    const back = new Promise<void>((resolve) => {
      b?.on("peer:connected", () => resolve());
    });
    scene.cut("b");
    await lost;
    await back;

    expect(await scene.eventually(() => a?.executeRemoteTool("b", "who"))).toBe("b");
  });

  it("who does not know the secret is refused, and hears why", async (scene) => {
    const [a] = await scene.line("a");
    const stranger = await scene.peer("stranger", {
      jwtSecret: "another secret, also 32 bytes long",
    });

    await expect(stranger.connect((a as PeerNetwork).address as string)).rejects.toMatchObject({
      code: "AUTHENTICATION_FAILED",
    });
    expect(a?.getConnectedPeers()).toEqual([]);
  });

  it("a peer that stops says goodbye", async (scene) => {
    const [a, b] = await scene.line("a", "b");
    const gone = a?.once("peer:disconnected");
    await b?.stop();

    expect((await gone)?.[0]).toBe("b");
  });
}

/** The peers of one test. */
class Scene implements AsyncDisposable {
  readonly #subject: MeshSubject;
  readonly #peers: PeerNetwork[] = [];
  readonly #links = new Map<string, Set<{ abort(): void }>>();

  constructor(subject: MeshSubject) {
    this.#subject = subject;
  }

  async peer(peerId: string, extra: Partial<PeerNetworkOptions> = {}): Promise<PeerNetwork> {
    const { listenAddress, options } = this.#subject;
    const peer = new PeerNetwork({
      ...{ peerId, jwtSecret, listenAddress: listenAddress(peerId) },
      ...options,
      transport: this.#watched(peerId),
      ...extra,
    });
    this.#peers.push(peer);
    await peer.start();
    return peer;
  }

  /** Peers in a row, each linked to the next; those between the ends relay. */
  async line(...ids: readonly string[]): Promise<PeerNetwork[]> {
    const peers: PeerNetwork[] = [];
    for (const [index, id] of ids.entries()) {
      const relay = index > 0 && index < ids.length - 1;
      const peer = await this.peer(id, { relay });
      const before = peers.at(-1);
      peers.push(peer);
      if (before)
        await Promise.all([peer.connect(before.address as string), before.once("peer:connected")]);
    }
    return peers;
  }

  /** Resolves once that peer can be reached from `from`, and offers that tool. */
  async knows(from: PeerNetwork, peerId: string, tool?: string): Promise<void> {
    await until(() => {
      const node = from.getTopologyGraph().nodes.find(({ id }) => id === peerId);
      return node?.hops !== undefined && (tool === undefined || node.tools.includes(tool));
    });
  }

  /** What a call gives as soon as it works again. */
  async eventually<T>(call: () => Promise<T> | undefined): Promise<T | undefined> {
    for (;;) {
      try {
        return await call();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Breaks the links that a peer has dialled. */
  cut(peerId: string): void {
    for (const link of [...(this.#links.get(peerId) ?? [])]) link.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.stop()));
  }

  /** The transport, the links of which can be broken from here. */
  #watched(peerId: string): Transport {
    const { transport } = this.#subject;
    const links = new Set<{ abort(): void }>();
    this.#links.set(peerId, links);
    return {
      ...transport,
      schemes: transport.schemes,
      dial: async (address, options) => {
        const link = await transport.dial(address, options);
        links.add(link);
        void link.closed.then(() => links.delete(link));
        return link;
      },
    };
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function repeated(times: number, value: number): readonly number[] {
  return Array.from({ length: times }, () => value);
}

function bytesOf(size: number, n: number): Uint8Array {
  return new Uint8Array(size).fill(n % 256);
}
