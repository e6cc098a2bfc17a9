import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { duplexPair } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Link } from "@net/core";
import { frameLink } from "@net/core/framing";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { FrameType } from "../../src/framing/wire.ts";

const options = { remoteAddress: "tcp://test:1", maxFrameBytes: 1_000 };
const goodbye = frame(FrameType.close, `{"code":"going-away","message":"bye"}`);

function frame(type: number, payload: Uint8Array | string): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(5);
  header[0] = type;
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}

/** Ten frames, in one piece: the link's receiver pauses within them. */
const burst = Buffer.concat(Array.from({ length: 10 }, (_, i) => frame(FrameType.data, `${i}`)));

/** Both ends of a TCP connection. */
async function connection(allowHalfOpen = false): Promise<readonly [Socket, Socket]> {
  const accepted = Promise.withResolvers<Socket>();
  const options = { pauseOnConnect: true, allowHalfOpen };
  const server = createServer(options, accepted.resolve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const near = connect({ port, host: "127.0.0.1", allowHalfOpen });
  const far = await accepted.promise;
  server.close();
  return [near, far];
}

/** Receives, and pauses after that many frames. */
function pausingAfter(count: number, link: Link): string[] {
  const seen: string[] = [];
  link.receive((bytes) => {
    seen.push(Buffer.from(bytes).toString());
    if (seen.length === count) link.pause();
  });
  return seen;
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await nextTurn();
}

test.each([
  ["with a goodbye", goodbye, "going-away"],
  ["without a word", Buffer.alloc(0), "lost"],
  ["inside a frame", burst.subarray(0, 3), "lost"],
  ["with nonsense", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "protocol-error"],
])(
  "a stream that ends %s while its link is paused in the middle of a chunk loses nothing",
  async (_how, ending, code) => {
    const [raw, socket] = await connection();
    const link = frameLink(socket, options);
    const seen = pausingAfter(3, link);
    raw.on("error", () => {}).end(Buffer.concat([burst, ending]));
    await turns();
    expect(seen).toHaveLength(3);
    link.resume();

    expect((await link.closed).code).toBe(code);
    expect(seen).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    raw.destroy();
  },
);

test("a stream that dies while its link is paused still gives what it had brought", async () => {
  const [near, raw] = duplexPair();
  const link = frameLink(near, options);
  const seen = pausingAfter(3, link);
  raw.write(burst);
  await turns();
  near.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  await turns();
  expect(() => link.send(Buffer.from("x"))).toThrow("closed");
  link.resume();

  expect(await link.closed).toMatchObject({ code: "lost", error: { code: "CONNECTION_LOST" } });
  expect(seen).toHaveLength(10);
});

test("a stream that was dead already is a link that is lost, not one that hangs", async () => {
  const [raw, socket] = await connection();
  socket.destroy();
  await once(socket, "close");
  const link = frameLink(socket, options);

  expect((await link.closed).code).toBe("lost");
  await link.close();
  raw.destroy();
});

test.each([false, true])(
  "one end closes, or both at once, over sockets with allowHalfOpen: %s",
  async (allowHalfOpen) => {
    const clock = new FakeClock();
    for (const closers of [1, 2]) {
      const sockets = await connection(allowHalfOpen);
      const links = sockets.map((socket) => frameLink(socket, { ...options, clock }));
      for (const link of links) link.receive(() => {});
      await Promise.all(links.slice(0, closers).map((link) => link.close()));
      for (const link of links) await link.closed;
      await turns();

      expect(sockets.map((socket) => socket.destroyed)).toEqual([true, true]);
    }
    expect(clock.monotonicMs()).toBe(0);
    expect(clock.pending).toBe(0);
  },
);

test("who floods us over the limit is still told why, and the link is over at once", async () => {
  const [raw, socket] = await connection();
  const link = frameLink(socket, options);
  link.receive(() => {});
  const flood = frame(FrameType.data, Buffer.alloc(500_000));
  for (let i = 0; i < 20; i++) raw.write(flood);
  const chunks: Buffer[] = [];
  raw.on("data", (chunk: Buffer) => chunks.push(chunk));
  raw.end();
  expect((await link.closed).code).toBe("too-large");
  await once(raw, "close");

  expect(Buffer.concat(chunks).toString()).toContain(`"code":"too-large"`);
});

test("who breaks the protocol and then keeps the line open gets the time of a close, no more", async () => {
  const clock = new FakeClock();
  const [near, raw] = duplexPair();
  const link = frameLink(near, { ...options, clock });
  link.receive(() => {});
  raw.resume().write("GET / HTTP/1.1\r\n\r\n");
  expect((await link.closed).code).toBe("protocol-error");
  await clock.advance(4_999);
  raw.write("and more of the same");
  expect(near.destroyed).toBe(false);
  await clock.advance(1);

  expect(near.destroyed).toBe(true);
  expect(clock.pending).toBe(0);
});

test("what was sent in the tick of the other side's goodbye harms nobody", async () => {
  const [near, raw] = duplexPair();
  const link = frameLink(near, options);
  const errors: unknown[] = [];
  near.on("error", (error) => errors.push(error));
  link.receive((bytes) => link.send(bytes));
  raw.resume().write(Buffer.concat([burst, goodbye]));
  await link.closed;
  await turns();

  expect(errors).toEqual([]);
});
