import type { Link } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { BULK_FRAME_BYTES } from "../../src/secure/open-batch.ts";
import type { SecureLink } from "../../src/secure/secure-link.ts";
import { securedPair } from "./support/secured-pair.ts";

/** How many frames came in each batch, and their first bytes. */
function countedBy(link: SecureLink): { readonly sizes: number[]; readonly values: number[] } {
  const batches = new Map<number, number>();
  const values: number[] = [];
  const sizes: number[] = [];
  link.receive((frame) => {
    batches.set(link.batchesReceived, (batches.get(link.batchesReceived) ?? 0) + 1);
    values.push(frame[0] ?? -1);
    sizes.splice(0, sizes.length, ...batches.values());
  });
  return { sizes, values };
}

test.each([
  [1, [1]],
  [32, [32]],
  // A remainder of a few would travel by itself from then on.
  [33, [33]],
  [39, [39]],
  [40, [32, 8]],
  [64, [32, 32]],
  [71, [32, 39]],
  [100, [32, 32, 36]],
])("of %i frames of a tick so many leave together: %j", async (count, batches) => {
  const [here, there] = await securedPair();
  const { sizes, values } = countedBy(there);
  for (let n = 0; n < count; n++) here.send(Uint8Array.of(n, 1, 2));
  await settle();

  expect(sizes).toEqual(batches);
  expect(values).toEqual(Array.from({ length: count }, (_, n) => n));
});

test("what was copied beside a large frame leaves with it", async () => {
  const [here, there] = await securedPair();
  const { sizes, values } = countedBy(there);
  here.send(new Uint8Array(BULK_FRAME_BYTES));
  for (let n = 1; n < 60; n++) here.send(Uint8Array.of(n));
  await settle();

  expect(sizes).toEqual([40, 20]);
  expect(values).toEqual(Array.from({ length: 60 }, (_, n) => n));
});

/** A link that remembers the order in which it was asked to send and to be quick. */
function hurrying(asked: string[]): (link: Link) => Link {
  return (link) => {
    const send = link.send.bind(link);
    return Object.assign(link, {
      send: (frame: Uint8Array) => {
        asked.push("send");
        return send(frame);
      },
      flush: () => asked.push("flush"),
    });
  };
}

/** A secured pair over such links, of which nothing was asked yet. */
async function hurryingPair(): Promise<{ here: SecureLink; sizes: number[]; asked: string[] }> {
  const asked: string[] = [];
  const [here, there] = await securedPair({ below: hurrying(asked) });
  const { sizes } = countedBy(there);
  asked.length = 0;
  return { here, sizes, asked };
}

test("what leaves early is not held back by the link below, the rest is as long as the tick lasts", async () => {
  const { here, sizes, asked } = await hurryingPair();
  for (let n = 0; n < 39; n++) here.send(Uint8Array.of(n));
  expect(asked).toEqual([]);
  for (let n = 39; n < 64; n++) here.send(Uint8Array.of(n));
  expect(asked).toEqual(["send", "flush"]);
  await settle();

  expect(asked).toEqual(["send", "flush", "send"]);
  expect(sizes).toEqual([32, 32]);
});

test("a flush sends at once what is there, through all layers", async () => {
  const { here, sizes, asked } = await hurryingPair();
  for (let n = 0; n < 3; n++) here.send(Uint8Array.of(n));
  here.flush();
  expect(asked).toEqual(["send", "flush"]);
  here.send(Uint8Array.of(3));
  await settle();

  expect(asked).toEqual(["send", "flush", "send"]);
  expect(sizes).toEqual([3, 1]);
});
