import {
  AuthenticationError,
  type CloseReason,
  ConnectionError,
  seededRng,
  sleep,
} from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { DialPeerOptions } from "../../src/links/caller.ts";
import { Redialler } from "../../src/links/redialler.ts";

interface FakeLink {
  readonly peerId: string;
  readonly closed: Promise<CloseReason>;
  readonly lose: () => void;
}

function fakeLink(peerId = "b"): FakeLink {
  const { promise, resolve } = Promise.withResolvers<CloseReason>();
  return {
    peerId,
    closed: promise,
    lose: () => resolve({ code: "lost", message: "", remote: true }),
  };
}

/** A redialler whose dials do what they are told; who they were to and when. */
class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly dials: { readonly address: string; readonly atMs: number }[] = [];
  readonly links: FakeLink[] = [];
  readonly #closing = new AbortController();
  readonly redialler: Redialler<FakeLink>;
  answer: (address: string, options: DialPeerOptions) => Promise<FakeLink>;

  constructor(seed = 1) {
    this.answer = async () => this.link();
    this.redialler = new Redialler<FakeLink>({
      ...{ clock: this.clock, rng: seededRng(seed), closing: this.#closing.signal },
      dial: (address, options) => {
        this.dials.push({ address, atMs: this.clock.monotonicMs() });
        return this.answer(address, options);
      },
    });
  }

  link(peerId?: string): FakeLink {
    const link = fakeLink(peerId);
    this.links.push(link);
    return link;
  }

  /** A kept link that was lost at once. */
  async lost(): Promise<void> {
    const link = fakeLink();
    this.redialler.keep("memory:b", link, undefined);
    await this.clock.advance(60_000);
    link.lose();
    await settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.redialler.ended();
    expect(this.clock.pending).toBe(0);
  }
}

const unreachable = async (): Promise<FakeLink> => {
  throw new ConnectionError("nobody there", { code: "CONNECTION_REFUSED", phase: "connect" });
};

/** As a packet that was lost: nothing comes back until the dial is given up. */
function blackHole(
  clock: FakeClock,
): (address: string, options: DialPeerOptions) => Promise<FakeLink> {
  return async (_address, { signal }) => {
    await sleep(1e9, { clock, signal });
    throw new Error("unreachable");
  };
}

test("waits have full jitter, and stay short for minutes, then grow long", async () => {
  await using bench = new Bench();
  bench.answer = unreachable;
  await bench.lost();
  await bench.clock.advance(600_000);
  const early = gaps(bench);
  expect(Math.max(...early)).toBeLessThanOrEqual(3_000);
  expect(Math.min(...early)).toBeLessThan(300);
  expect(mean(early.slice(5))).toBeGreaterThan(1_000);

  bench.dials.length = 0;
  await bench.clock.advance(3_600_000);
  expect(mean(gaps(bench))).toBeGreaterThan(10_000);
  expect(Math.max(...gaps(bench))).toBeLessThanOrEqual(30_000);
});

test("a peer that can be reached again is found within 5 s, although what was sent before is lost", async () => {
  for (let seed = 0; seed < 20; seed++) {
    await using bench = new Bench(seed);
    const healAtMs = 105_000 + seed * 137;
    bench.answer = async (_address, { signal }) => {
      // TCP: the first packet is sent again after 1, 3, 7 and 15 s.
      for (const waitMs of [0, 1_000, 2_000, 4_000, 8_000, 16_000]) {
        await sleep(waitMs, { clock: bench.clock, signal });
        if (bench.clock.monotonicMs() >= healAtMs) return bench.link();
      }
      throw new Error("unreachable");
    };
    await bench.lost();
    await bench.clock.advance(healAtMs - 60_000);
    expect(bench.links).toHaveLength(0);
    await bench.clock.advance(5_000);
    expect(bench.links).toHaveLength(1);
  }
});

test("after this machine woke, missing peers are dialled at once, and hanging dials are given up", async () => {
  await using bench = new Bench();
  bench.answer = blackHole(bench.clock);
  await bench.lost();
  await bench.clock.advance(20_000);
  bench.answer = async () => bench.link();
  bench.dials.length = 0;
  bench.redialler.hurry();
  await bench.clock.advance(0);
  await settle();

  expect(bench.dials).toEqual([{ address: "memory:b", atMs: bench.clock.monotonicMs() }]);
  expect(bench.links).toHaveLength(1);
});

test("a link that ends soon after this machine woke is dialled again without a wait", async () => {
  for (let seed = 0; seed < 5; seed++) {
    await using bench = new Bench(seed);
    const link = fakeLink();
    bench.redialler.keep("memory:b", link, undefined);
    await bench.clock.advance(60_000);
    bench.redialler.hurry();
    await bench.clock.advance(1_000);
    link.lose();
    await bench.clock.advance(0);
    expect(bench.dials).toHaveLength(1);
  }
});

test("a peer that was seen is dialled at once, others are not", async () => {
  await using bench = new Bench();
  bench.answer = unreachable;
  await bench.lost();
  await bench.clock.advance(30_000);
  bench.dials.length = 0;
  bench.redialler.hurry("somebody-else");
  await bench.clock.advance(0);
  expect(bench.dials).toEqual([]);
  bench.redialler.hurry("b");
  await bench.clock.advance(0);
  expect(bench.dials).toHaveLength(1);
});

test("a peer with several addresses is found at any of them, and first where it was last", async () => {
  await using bench = new Bench();
  const hole = blackHole(bench.clock);
  bench.answer = async (address, options) =>
    address === "memory:cafe" ? bench.link() : await hole(address, options);
  const link = fakeLink();
  bench.redialler.keep("memory:home", link, undefined);
  for (const address of ["memory:cafe", "memory:office", "memory:home"]) {
    bench.redialler.keep(address, link, undefined);
  }
  await bench.clock.advance(60_000);
  link.lose();
  await bench.clock.advance(1_500);
  expect(bench.dials.map(({ address }) => address)).toEqual([
    "memory:home",
    "memory:office",
    "memory:cafe",
  ]);
  expect(gaps(bench)).toEqual([250, 250]);

  bench.dials.length = 0;
  await bench.clock.advance(60_000);
  bench.links[0]?.lose();
  await bench.clock.advance(1_000);
  expect(bench.dials.map(({ address }) => address)).toEqual(["memory:cafe"]);
});

test("an address that fails makes room for the next at once", async () => {
  await using bench = new Bench();
  bench.answer = async (address) => (address === "memory:b" ? await unreachable() : bench.link());
  const link = fakeLink();
  bench.redialler.keep("memory:b", link, undefined);
  bench.redialler.keep("memory:c", link, undefined);
  link.lose();
  await bench.clock.advance(500);
  expect(gaps(bench)).toEqual([0]);
  expect(bench.links).toHaveLength(1);
});

test("a peer that refuses is not dialled any more, but only if it does so at every address", async () => {
  await using bench = new Bench();
  bench.answer = async (address) => {
    if (address === "memory:b") throw new AuthenticationError("not any more");
    return await unreachable();
  };
  await bench.lost();
  await bench.clock.advance(60_000);
  expect(bench.dials).toHaveLength(1);

  bench.dials.length = 0;
  const link = fakeLink();
  bench.redialler.keep("memory:b", link, undefined);
  bench.redialler.keep("memory:c", link, undefined);
  link.lose();
  await bench.clock.advance(60_000);
  expect(bench.dials.length).toBeGreaterThan(10);
});

test("a link that dies young does not make the next wait shorter, one that was stable does", async () => {
  await using bench = new Bench();
  await bench.lost();
  const young = await lives(bench, 1_000);
  expect(mean(young.slice(10))).toBeGreaterThan(1_000);

  const stable = await lives(bench, 10_000);
  expect(Math.max(...stable.slice(1))).toBeLessThanOrEqual(500);
});

test("a peer is kept once, however often it is asked for", async () => {
  await using bench = new Bench();
  const link = fakeLink();
  bench.redialler.keep("memory:b", link, "first");
  bench.redialler.keep("memory:b", link, "second");
  bench.redialler.keep("memory:b2", link, undefined);
  link.lose();
  await bench.clock.advance(500);
  expect(bench.links).toHaveLength(1);
});

function gaps({ dials }: Bench): number[] {
  return dials.slice(1).map(({ atMs }, index) => atMs - (dials[index]?.atMs ?? 0));
}

/** How long it took to dial after the loss of each of 40 links that lived for `lifeMs`. */
async function lives({ clock, dials, links }: Bench, lifeMs: number): Promise<number[]> {
  const waits: number[] = [];
  for (let round = 0; round < 40; round++) {
    await clock.advance(3_000);
    await clock.advance(lifeMs);
    const lostAtMs = clock.monotonicMs();
    links.at(-1)?.lose();
    await clock.advance(3_000);
    waits.push((dials.at(-1)?.atMs ?? 0) - lostAtMs);
  }
  return waits;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
