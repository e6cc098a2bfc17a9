import { createServer } from "node:net";
import { silentLogger, sleep } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { discoverNodes } from "../../../src/discovery/discover.ts";
import { Identifier, type Identify } from "../../../src/discovery/range/identify.ts";

const box = DeviceIdentity.generate();

/** Something that listens, and what would be the port of something that does not. */
async function listening(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  const port = typeof address === "object" && address ? address.port : 0;
  return { port, [Symbol.asyncDispose]: close };
}

test("a port that is open in the range is a node that nobody vouches for; then the search ends", async () => {
  await using here = await listening();
  const ports = [here.port, 1];
  const nodes = await Array.fromAsync(discoverNodes({ range: { targets: "127.0.0.0/30", ports } }));

  expect(nodes.map(({ address }) => address)).toContain(`ws://127.0.0.1:${here.port}`);
  expect(nodes.every(({ port }) => port === here.port)).toBe(true);
  expect(nodes[0]).toMatchObject({ source: "range", verified: false });
});

test("with somebody to ask, a node is who it proves to be, at all its addresses, and others are none", async () => {
  await using here = await listening();
  await using other = await listening();
  await using stranger = await listening();
  const identify: Identify = async (address) => {
    if (address.endsWith(`:${stranger.port}`)) throw new Error("no peer");
    return { publicKey: box.publicKey, peerId: "box" };
  };
  const ports = [here.port, other.port, stranger.port];
  const range = {
    targets: ["127.0.0.1"],
    ports,
    addressOf: (h: string, p: number) => `tcp://${h}:${p}`,
  };
  const nodes = await Array.fromAsync(discoverNodes({ range, identify }));
  const last = nodes.at(-1);

  expect(last).toMatchObject({ peerId: "box", verified: true, sources: ["range"] });
  expect([...(last?.addresses ?? [])].sort()).toEqual(
    [`tcp://127.0.0.1:${here.port}`, `tcp://127.0.0.1:${other.port}`].sort(),
  );
});

test("addresses that are known are asked too, and one device is one node", async () => {
  const identify: Identify = async (address) =>
    address.includes("10.0.0.3") ? undefined : { publicKey: box.publicKey, peerId: "box" };
  const manual = ["ws://10.0.0.1:8080", "ws://10.0.0.2:8080", "ws://10.0.0.3:8080"];
  const nodes = await Array.fromAsync(discoverNodes({ manual, identify }));

  expect(nodes.findLast(({ verified }) => verified)?.addresses).toEqual(manual.slice(0, 2));
  expect(nodes.findLast(({ verified }) => !verified)?.addresses).toEqual(manual.slice(2));
});

test.each([
  ["a range that is none", "10.0.0.0/99"],
  ["a range that is too large", "10.0.0.0/8"],
])("%s ends the search", async (_, range) => {
  await expect(Array.fromAsync(discoverNodes({ range }))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("the signal ends a scan", async () => {
  const controller = new AbortController();
  const range = { targets: "127.0.0.0/24", ports: "1-1000", rate: 1 };
  const next = discoverNodes({ range, signal: controller.signal }).next();
  controller.abort();

  await expect(next).rejects.toMatchObject({ code: "ABORTED" });
});

test("eight are asked at a time, and whoever does not answer in five seconds is nobody", async () => {
  const clock = new FakeClock();
  const over = new AbortController();
  let [asking, most] = [0, 0];
  const identifier = new Identifier({
    ...{ clock, signal: over.signal, logger: silentLogger },
    onIdentified: () => expect.unreachable(),
    identify: async (_, { signal }) => {
      most = Math.max(most, ++asking);
      await sleep(60_000, { signal, clock }).finally(() => asking--);
      return undefined;
    },
  });
  const done = (async () => {
    for (let i = 0; i < 20; i++) await identifier.ask(`ws://10.0.0.${i}:1`);
    await identifier.done();
  })();
  await clock.advance(15_000);
  await done;

  expect([most, asking, clock.pending]).toEqual([8, 0, 0]);
});
