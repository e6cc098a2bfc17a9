import type { Socket } from "node:net";
import { AbortedError, ClosedError, NetworkError, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { delimiter, lengthPrefix, TCPClient } from "@net/sockets";
import { expect, test } from "vitest";
import { serve } from "../support/serve.ts";

test("connect, send and receive, with the bytes as they are by default", async () => {
  const port = await serve((socket) => socket.pipe(socket));
  await using client = new TCPClient("127.0.0.1", port);
  await client.connect();
  await client.connect();
  await client.send("PING");
  expect(String(await client.receive())).toBe("PING");
});

test("a static connect gives a connected client, whose messages can be iterated", async () => {
  const port = await serve((socket) => socket.end("one\ntwo\n"));
  await using client = await TCPClient.connect("127.0.0.1", port, { framing: delimiter("\n") });
  const lines: string[] = [];
  for await (const line of client) lines.push(String(line));
  expect(lines).toEqual(["one", "two"]);
  expect(await client.receive()).toBeUndefined();
});

test("before connect, sending and receiving say so; after close, everything is CLOSED", async () => {
  const client = new TCPClient("127.0.0.1", 1);
  const notYet = expect.objectContaining({ code: "INVALID_STATE" });
  await expect(client.send("x")).rejects.toThrow(notYet);
  await expect(client.receive()).rejects.toThrow(notYet);
  await client.close();
  await client.close();
  await expect(client.connect()).rejects.toThrow(ClosedError);
  await expect(client.send("x")).rejects.toThrow(ClosedError);
});

test.each([undefined, null, 7, {}, [1], new ArrayBuffer(8), new Float64Array(4)])(
  "what is neither text nor bytes is refused, and nothing of the memory leaves: %o",
  async (wrong) => {
    const port = await serve((socket) => socket.pipe(socket));
    for (const reconnect of [false, true]) {
      await using client = await TCPClient.connect("127.0.0.1", port, { reconnect });
      await expect(client.send(wrong as never)).rejects.toThrow(ValidationError);
      await client.send("after");
      expect(String(await client.receive())).toBe("after");
    }
  },
);

test("a time-out that is none closes nothing", async () => {
  const port = await serve((socket) => socket.pipe(socket));
  await using client = await TCPClient.connect("127.0.0.1", port);
  for (const timeout of [Number.NaN, -1, "5" as never]) {
    await expect(client.close({ timeout })).rejects.toThrow(ValidationError);
  }
  await client.send("open");
  expect(String(await client.receive())).toBe("open");
});

test("the client's signal also ends an open connection, and all who wait learn it", async () => {
  const port = await serve(() => {});
  const controller = new AbortController();
  const client = await TCPClient.connect("127.0.0.1", port, { signal: controller.signal });
  const receiving = client.receive();
  controller.abort();
  await expect(receiving).rejects.toThrow(AbortedError);
  await expect(client.send("x")).rejects.toThrow(AbortedError);
  await client.close();
});

test("aborting one receive leaves the next message to the next", async () => {
  const port = await serve((socket) => socket.pipe(socket));
  await using client = await TCPClient.connect("127.0.0.1", port, { framing: lengthPrefix() });
  await expect(client.receive({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  const controller = new AbortController();
  const given = expect(client.receive({ signal: controller.signal })).rejects.toThrow(AbortedError);
  controller.abort();
  await given;
  await client.send("kept");
  expect(String(await client.receive())).toBe("kept");
});

test("a close lets what was sent arrive", async () => {
  const received = Promise.withResolvers<number>();
  const port = await serve(async (socket) => {
    let bytes = 0;
    for await (const chunk of socket) bytes += (chunk as Buffer).length;
    received.resolve(bytes);
  });
  const client = await TCPClient.connect("127.0.0.1", port);
  await client.send(Buffer.alloc(50_000));
  await client.close();
  expect(await received.promise).toBe(50_000);
});

test("a server that never ends does not hold a close for longer than its time-out", async () => {
  const clock = new FakeClock();
  const port = await serve(() => {}, { allowHalfOpen: true });
  const client = await TCPClient.connect("127.0.0.1", port, { clock });
  const closing = client.close({ timeout: 1_000 });
  await clock.advance(1_000);
  await closing;
});

test("half a message at the end, or one over the limit, is a ProtocolError after what was whole", async () => {
  const whole = Buffer.from([0, 0, 0, 1, 65]);
  const truncated = Buffer.concat([whole, Buffer.from([0, 0, 0, 9, 66])]);
  const tooLong = Buffer.concat([whole, Buffer.from([0, 0, 1, 0])]);
  for (const bytes of [truncated, tooLong]) {
    const port = await serve((socket) => socket.end(bytes));
    const framing = lengthPrefix({ maxBytes: 100 });
    await using client = await TCPClient.connect("127.0.0.1", port, { framing });
    expect(String(await client.receive())).toBe("A");
    await expect(client.receive()).rejects.toThrow(
      expect.objectContaining({ name: "ProtocolError" }),
    );
  }
});

test("a reset is CONNECTION_LOST", async () => {
  const port = await serve((socket) => socket.once("data", () => socket.resetAndDestroy()));
  await using client = await TCPClient.connect("127.0.0.1", port);
  await client.send("x");
  await expect(client.receive()).rejects.toThrow(
    expect.objectContaining({ code: "CONNECTION_LOST" }),
  );
});

test("messages of one tick arrive in the order they were sent", async () => {
  const port = await serve((socket) => socket.pipe(socket));
  await using client = await TCPClient.connect("127.0.0.1", port, { framing: lengthPrefix() });
  const sizes = [1, 20_000, 0, 9_000, 3];
  await Promise.all(sizes.map((size, i) => client.send(Buffer.alloc(size, `${i}`))));
  for (const [i, size] of sizes.entries()) {
    expect(String(await client.receive())).toBe(`${i}`.repeat(size));
  }
});

test("who sends without waiting to a reader that stands still gets an OverloadedError", async () => {
  const port = await serve((socket) => socket.pause());
  await using client = await TCPClient.connect("127.0.0.1", port, { highWaterMark: 16 * 1024 });
  const sends = Array.from({ length: 40 }, () => client.send(Buffer.alloc(4 * 1024)));
  const settled = Promise.allSettled(sends);
  await client.close({ timeout: 1 });
  const results = await settled;
  const codes = results.map((result) =>
    result.status === "rejected" ? (result.reason as { code: string }).code : "sent",
  );
  expect(codes).toContain("OVERLOADED");
  expect(codes.indexOf("OVERLOADED")).toBeGreaterThan(15);
});

test("a send that waits for room learns that the connection has died", async () => {
  const port = await serve((socket) => socket.pause());
  for (const how of ["aborted", "reset"] as const) {
    const controller = new AbortController();
    const { signal } = controller;
    await using client = await TCPClient.connect("127.0.0.1", port, { signal });
    // More than the system takes, and the last one is over the high-water mark.
    const sends = [40_000_000, 1].map((bytes) => client.send(Buffer.alloc(bytes)));
    const ended = Promise.all(sends.map((send) => expect(send).rejects.toThrow(NetworkError)));
    if (how === "aborted") controller.abort();
    else await client.close({ timeout: 0 });
    await ended;
  }
});

test("a slow reader makes the sender wait instead of filling the memory", async () => {
  const sender = Promise.withResolvers<Socket>();
  const port = await serve(sender.resolve);
  await using client = await TCPClient.connect("127.0.0.1", port, { highWaterMark: 16 * 1024 });
  const socket = await sender.promise;
  // The operating system takes some megabytes by itself; beyond them the writer must feel it.
  const total = 64 * 1024 * 1024;
  socket.end(Buffer.alloc(total));
  let received = (await client.receive())?.byteLength ?? 0;
  for (let i = 0; i < 500; i++) await new Promise(setImmediate);
  expect(socket.writableLength).toBeGreaterThan(total / 2);
  for await (const chunk of client) received += chunk.byteLength;
  expect(received).toBe(total);
});
