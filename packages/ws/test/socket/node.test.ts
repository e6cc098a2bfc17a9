import { once } from "node:events";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { awaitOpen } from "../../src/socket/await-open.ts";
import { openSocket } from "../../src/socket/node.ts";
import type { NodeSocket } from "../../src/socket/node-socket.ts";
import { deaf, type SocketEnd } from "../../src/socket/socket.ts";
import { TestServer } from "../support/test-server.ts";

async function opened(server: TestServer) {
  const clock = new FakeClock();
  const socket: NodeSocket = openSocket(server.url, { protocols: [], maxPayload: 1_000, clock });
  await awaitOpen(socket, server.url, new AbortController().signal);
  socket.resume();
  return { clock, socket, peer: (await server.next()).socket };
}

test("the other side's pings are signs of life, as its pongs are", async () => {
  await using server = await TestServer.start();
  const { socket, peer } = await opened(server);
  let signs = 0;
  const bySign = (): Promise<void> =>
    new Promise((resolve) => {
      socket.handlers = { ...deaf, onPong: () => resolve(void signs++) };
    });
  const pinged = bySign();
  peer.ping();
  await pinged;
  const answered = bySign();
  socket.ping();
  await answered;
  expect(signs).toBe(2);
  socket.terminate();
});

test("small messages of a turn leave together, until they are many", async () => {
  await using server = await TestServer.start();
  const { socket, peer } = await opened(server);
  let arrived = 0;
  const all = Promise.withResolvers<void>();
  peer.on("message", () => ++arrived === 17 && all.resolve());
  socket.send(Buffer.alloc(1_000));
  expect(socket.stream?.writableCorked).toBe(1);
  // The last one goes over 16 KiB.
  for (let i = 1; i < 17; i++) socket.send(Buffer.alloc(1_000));
  expect(socket.stream?.writableCorked).toBe(0);
  await all.promise;
  socket.terminate();
});

test("who is refused has 2 s to read why, and is cut off then", async () => {
  await using server = await TestServer.start();
  const { clock, socket, peer } = await opened(server);
  const told = once(peer, "close");
  socket.refuse(1008, "go away");
  socket.terminate();
  expect(socket.stream?.destroyed).toBe(false);
  expect(String((await told).at(-1))).toBe("go away");
  await using other = await TestServer.start();
  const second = await opened(other);
  second.peer.pause();
  const ended = new Promise<SocketEnd>((resolve) => {
    second.socket.handlers = { ...deaf, onClose: resolve };
  });
  second.socket.refuse(1008, "");
  await second.clock.advance(2_000);
  expect(await ended).toMatchObject({ code: 1006 });
  expect([clock.pending, second.clock.pending]).toEqual([0, 0]);
});

test.each([
  ["over maxPayload", Buffer.alloc(1_001), 1009, "FRAME_TOO_LARGE"],
  ["no UTF-8", Buffer.from([0xff]), 1007, "PROTOCOL_ERROR"],
])(
  "a text that is %s is one end, and the other side is told why",
  async (_what, data, code, error) => {
    await using server = await TestServer.start();
    const { clock, socket, peer } = await opened(server);
    const ends: SocketEnd[] = [];
    socket.handlers = { ...deaf, onClose: (end) => ends.push(end) };
    const told = once(peer, "close");
    peer.send(data, { binary: false });
    expect((await told)[0]).toBe(code);
    while (clock.pending > 0) await new Promise(setImmediate);
    expect(ends).toMatchObject([{ code, error: { code: error } }]);
  },
);
