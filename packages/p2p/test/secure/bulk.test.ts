import type { Link } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { BULK_FRAME_BYTES } from "../../src/secure/open-batch.ts";
import { type PairOptions, securedPair } from "./support/secured-pair.ts";

/** What a link below was given, and the memory that it was lent and has not returned yet. */
interface Below {
  readonly sizes: number[];
  readonly lent: (() => void)[];
}

/** Lets a link take frames as one that they can be lent to: what it was lent is the sender's again only later. */
function lending(link: Link, { sizes, lent }: Below): Link {
  const lend = (frame: Uint8Array, onReturned: () => void): boolean => {
    sizes.push(frame.byteLength);
    lent.push(() => {
      frame.fill(0xff);
      onReturned();
    });
    return link.send(Uint8Array.from(frame));
  };
  return Object.assign(link, { lend });
}

function lendingTo(below: Below | undefined): PairOptions {
  return below ? { below: (link) => lending(link, below) } : {};
}

function heardBy(link: Link): number[][] {
  const heard: number[][] = [];
  link.receive((frame) => heard.push([frame[0] ?? -1, frame.at(-1) ?? -1, frame.byteLength]));
  return heard;
}

const frame = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

test("the memory of a large frame is its sender's again when it was sent", async () => {
  const [here, there] = await securedPair();
  const heard = heardBy(there);
  const memory = frame(20_000, 0);
  for (let n = 1; n <= 12; n++) here.send(memory.fill(n));
  memory.fill(99);
  await settle();

  expect(heard).toEqual(Array.from({ length: 12 }, (_, n) => [n + 1, n + 1, 20_000]));
});

test("small and large frames keep their order, however they share batches", async () => {
  for (const below of [undefined, { sizes: [], lent: [] }]) {
    const [here, there] = await securedPair(lendingTo(below));
    const heard = heardBy(there);
    const sizes = [
      10,
      BULK_FRAME_BYTES,
      3,
      90_000,
      7,
      7,
      60_000,
      20_000,
      BULK_FRAME_BYTES - 1,
      200_000,
      1,
    ];
    const sent = Array.from({ length: 66 }, (_, n) => [n, n, sizes[n % sizes.length] ?? 0]);
    for (const [n = 0, , size = 0] of sent) {
      if (!here.send(frame(size, n))) await here.drained();
    }
    await settle();

    expect(heard).toEqual(sent);
  }
});

test("large frames share batches, of which a link can carry some at a time", async () => {
  const below: Below = { sizes: [], lent: [] };
  const [here, there] = await securedPair(lendingTo(below));
  const heard = heardBy(there);
  for (let n = 0; n < 12; n++) here.send(frame(16_384, n));
  await settle();

  expect(heard).toHaveLength(12);
  expect(below.sizes).toHaveLength(3);
  expect(Math.max(...below.sizes)).toBeLessThan(76 * 1024);
});

test("memory that a link was lent is used again only when it was returned", async () => {
  const below: Below = { sizes: [], lent: [] };
  const [here, there] = await securedPair(lendingTo(below));
  const heard = heardBy(there);
  const sent: number[][] = [];
  for (let n = 0; n < 100; n++) {
    here.send(frame(16_384, n));
    sent.push([n, n, 16_384]);
    if (n % 7 === 0) for (const giveBack of below.lent.splice(0)) giveBack();
    if (n % 5 === 0) await settle();
  }
  await settle();

  expect(heard).toEqual(sent);
});

test("a batch of large frames is no larger than what the link below carries", async () => {
  const [here, there] = await securedPair({ maxFrameBytes: 40_000 });
  const heard = heardBy(there);
  for (let n = 0; n < 8; n++) here.send(frame(n % 2 === 0 ? 15_000 : here.maxFrameBytes, n));
  await settle();

  expect(heard.map(([n]) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("of a large frame that is spent, a link below hears while it is handed over, if its batch holds no other to speak of", async () => {
  const spent: number[] = [];
  const batches: Uint8Array[] = [];
  const freeing = (link: Link): Link => {
    const { receive } = link;
    return Object.assign(link, {
      receive: (onFrame: (frame: Uint8Array) => void) =>
        receive.call(link, (sealed) => {
          batches.push(sealed);
          onFrame(sealed);
        }),
      spent: (sealed: Uint8Array) => spent.push(batches.lastIndexOf(sealed)),
    });
  };
  const [here, there] = await securedPair({ below: freeing });
  const frames: Uint8Array[] = [];
  let isDone = true;
  here.receive((received) => {
    frames.push(received);
    if (isDone) for (let times = 0; times < 2; times++) here.spent(received);
  });
  const come = async (...sizes: number[]): Promise<readonly Uint8Array[]> => {
    for (const list of [frames, batches, spent]) list.length = 0;
    for (const size of sizes) there.send(frame(size, 1));
    await settle();
    return [...frames];
  };

  await come(BULK_FRAME_BYTES);
  expect(spent).toEqual([0]);
  for (const sizes of [
    [BULK_FRAME_BYTES - 1],
    [5_000, 65],
    [20, 5_000, 20, 25],
    [5_000, 5, 5, 5, 5],
  ]) {
    await come(...sizes);
    expect(spent).toEqual([]);
  }
  const [credit, , probe] = await come(20, 5_000, 44);
  expect(spent).toEqual([0]);
  // What was beside it is nobody's loss.
  batches[0]?.fill(0);
  expect([credit, probe]).toEqual([frame(20, 1), frame(44, 1)]);
  isDone = false;
  const [late] = await come(5_000);
  here.spent(late as Uint8Array);
  expect(spent).toEqual([]);

  const [unheard] = await securedPair();
  unheard.spent(frame(5_000, 1));
});
