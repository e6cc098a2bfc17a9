import { once } from "node:events";
import { FakeClock, TcpProxy } from "@net/core/testing";
import { WebSocketClient } from "@net/ws";
import { expect, test } from "vitest";
import { next, reaching } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

test("a slow reader pauses the socket, and misses nothing", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, { highWaterMark: 16 * 1024 });
  await client.connect();
  const { socket } = await server.next();
  const count = 64;
  // The operating system takes some megabytes by itself; beyond them the server must feel the slow reader.
  for (let i = 0; i < count; i++) socket.send(Buffer.alloc(1024 * 1024, i));
  expect(await client.receive()).toEqual(Buffer.alloc(1024 * 1024, 0));
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  expect(socket.bufferedAmount).toBeGreaterThan((count / 2) * 1024 * 1024);
  for (let i = 1; i < count; i++) {
    const message = (await client.receive()) as Buffer;
    expect([message.length, message[0], message.at(-1)]).toEqual([1024 * 1024, i, i]);
  }
  expect(socket.bufferedAmount).toBe(0);
});

test("many small messages to a slow reader arrive in order", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, { highWaterMark: 1_000 });
  await client.connect();
  const { socket } = await server.next();
  for (let i = 0; i < 5_000; i++) socket.send(`${i}`);
  for (let i = 0; i < 5_000; i++) {
    expect(await client.receive()).toBe(`${i}`);
    if (i % 100 === 0) await new Promise(setImmediate);
  }
});

test("what was received before the close is read after it, also what a paused socket had read already", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url, { highWaterMark: 1 });
  await client.connect();
  const { socket } = await server.next();
  const closed = next(client, "close");
  for (let i = 0; i < 3; i++) socket.send(`${i}`);
  socket.close(4500);
  expect(await client.receive()).toBe("0");
  expect(await client.receive()).toBe("1");
  expect(await client.receive()).toBe("2");
  await expect(client.receive()).rejects.toMatchObject({ code: "CLOSED" });
  await closed;
});

test("a half-open connection is found by silence, and made again", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  await using proxy = await TcpProxy.start(server.port);
  let port = proxy.port;
  await using client = new WebSocketClient(() => `ws://127.0.0.1:${port}/`, {
    reconnect: { min: 0, max: 0 },
    ping: 20_000,
    timeout: { idle: 45_000 },
    clock,
  });
  await client.connect();
  await server.next();
  proxy.freeze();
  port = server.port;
  await clock.advance(44_999);
  expect(client.state).toBe("open");
  const retried = next(client, "retry");
  await clock.advance(1);
  const [{ error }] = await retried;
  expect(error).toMatchObject({ code: "TIMEOUT", kind: "idle", timeoutMs: 45_000 });
  await clock.advance(0);
  await reaching(client, "open");
});

test("a quiet server that answers pings is left alone", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const options = { ping: 20_000, timeout: { idle: 30_000 }, clock };
  await using client = new WebSocketClient(server.url, options);
  await client.connect();
  const { socket } = await server.next();
  for (let i = 0; i < 5; i++) {
    const pinged = once(socket, "ping");
    await clock.advance(20_000);
    await pinged;
    // The pong is on its way before this ping; when its answer is here, the client has seen both.
    socket.ping();
    await once(socket, "pong");
  }
  expect(client.state).toBe("open");
});

test("while the reader is slow, the silence of a paused socket means nothing", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const options = { ping: 1_000, timeout: { idle: 2_000 }, highWaterMark: 10, clock };
  await using client = new WebSocketClient(server.url, options);
  await client.connect();
  const { socket } = await server.next();
  for (const text of ["1", "2", "3"]) socket.send(text.repeat(100));
  expect(await client.receive()).toBe("1".repeat(100));
  await clock.advance(60_000);
  expect(client.state).toBe("open");
  expect(await client.receive()).toBe("2".repeat(100));
  expect(await client.receive()).toBe("3".repeat(100));
});

test("with ping switched off, silence is no matter", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, { ping: false, clock });
  await client.connect();
  await clock.advance(10_000_000);
  expect(client.state).toBe("open");
  expect(clock.pending).toBe(0);
});
