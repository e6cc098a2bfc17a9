import { once } from "node:events";
import { NetworkError, systemClock, ValidationError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openSocket } from "../../src/socket/browser.ts";
import type { Message, PlatformSocket, SocketEnd } from "../../src/socket/socket.ts";
import { next } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

// Node has the browsers' WebSocket too: the browser's half runs here as it stands.

vi.mock("#socket", () => import("../../src/socket/browser.ts"));

// The same socket is not in use by others of this file at once.
let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Heard {
  readonly socket: PlatformSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<SocketEnd>;
  readonly messages: Message[];
  readonly drained: () => number;
}

function open(maxPayload = 1_000_000, clock = systemClock): Heard {
  const socket = openSocket(server.url, { protocols: [], maxPayload, clock });
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<SocketEnd>();
  const messages: Message[] = [];
  let drains = 0;
  socket.handlers = {
    onOpen: opened.resolve,
    onMessage: (message) => messages.push(message),
    onPong: () => {},
    onDrain: () => drains++,
    onClose: closed.resolve,
  };
  return {
    socket,
    opened: opened.promise,
    closed: closed.promise,
    messages,
    drained: () => drains,
  };
}

test("text and bytes go both ways, and a close says its code", async () => {
  const { socket, opened, closed, messages } = open();
  await opened;
  expect(socket.isOpen).toBe(true);
  const { socket: there } = await server.next();
  const received: unknown[] = [];
  there.on("message", (data: Buffer, isBinary) => received.push(isBinary ? data : `${data}`));
  socket.send("text");
  socket.send(new Uint8Array([1, 2]));
  there.send("back");
  there.send(Buffer.from([3]));
  there.close(4001, "over");
  expect(await closed).toEqual({ code: 4001, reason: "over" });
  expect(messages).toEqual(["back", new Uint8Array([3])]);
  expect(received).toEqual(["text", Buffer.from([1, 2])]);
  expect(socket.isOpen).toBe(false);
});

test("what has left is noticed by looking, and looking stops", async () => {
  const clock = new FakeClock();
  const { socket, opened, drained } = open(1_000, clock);
  await opened;
  const { socket: there } = await server.next();
  const arrived = once(there, "message");
  socket.send("x".repeat(1_000));
  expect(clock.pending).toBe(1);
  await arrived;
  await vi.waitFor(() => expect(socket.bufferedBytes).toBe(0));
  await clock.advance(20);
  expect(drained()).toBe(1);
  expect(clock.pending).toBe(0);
  socket.terminate();
});

test("a message over the limit ends it with 1009", async () => {
  const { opened, closed, messages } = open(10);
  await opened;
  const { socket: there } = await server.next();
  const told = once(there, "close");
  there.send("fits");
  there.send("does not fit");
  there.send("too late");
  expect(await closed).toMatchObject({ code: 1009, error: { code: "FRAME_TOO_LARGE" } });
  expect((await told)[0]).toBe(4009);
  expect(messages).toEqual(["fits"]);
});

test("terminating is over at once, whatever the other side does", async () => {
  const { socket, opened, closed } = open();
  await opened;
  const { socket: there } = await server.next();
  there.pause();
  socket.terminate();
  socket.terminate();
  expect(await closed).toEqual({ code: 1006, reason: "" });
  there.terminate();
});

test("headers are UNSUPPORTED, a bad protocol is a ValidationError", () => {
  const options = { protocols: [], maxPayload: 1, clock: systemClock };
  const headers = { authorization: "Bearer x" };
  expect(() => openSocket(server.url, { ...options, headers })).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED" }),
  );
  expect(() => openSocket(server.url, { ...options, protocols: ["no good"] })).toThrow(
    ValidationError,
  );
});

test.each<[string, WebSocketClientOptions]>([
  ["tls", { tls: { ca: "-----BEGIN CERTIFICATE-----" } }],
  ["proxy", { proxy: "http://proxy.test:3128" }],
  ["proxy", { proxy: "environment" }],
])("a choice of %s is UNSUPPORTED, and not silently ignored", async (what, options) => {
  const client = new WebSocketClient(server.url, options);
  await expect(client.connect()).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: expect.stringContaining(what),
  });
});

test("without pings of its own it asks in messages, if the server knows them; silence then counts", async () => {
  const clock = new FakeClock();
  const ping = { interval: 10_000 };
  await using client = new WebSocketClient(server.url, { ping, timeout: { idle: 25_000 }, clock });
  await client.connect();
  const { socket } = await server.next();
  for (let i = 0; i < 5; i++) {
    const asked = once(socket, "message");
    await clock.advance(10_000);
    expect(String((await asked)[0])).toBe("ping");
    socket.send("pong");
    socket.send("news");
    expect(await client.receive()).toBe("news");
  }
  expect(client.state).toBe("open");
  const retried = next(client, "retry");
  await clock.advance(25_000);
  expect((await retried)[0].error).toMatchObject({ code: "TIMEOUT", kind: "idle" });
});

test("a client over it connects, talks and comes back", async () => {
  await using client = new WebSocketClient(server.url, { reconnect: { min: 0, max: 0 } });
  await client.connect();
  const { socket } = await server.next();
  socket.send("hello");
  expect(await client.receive()).toBe("hello");
  socket.terminate();
  const { socket: again } = await server.next();
  const arrived = once(again, "message");
  await client.send("back");
  expect(String((await arrived)[0])).toBe("back");
});

test("a reader that is too slow ends the connection, since it cannot be paused, and the next one is read", async () => {
  const options = { reconnect: { min: 0, max: 0 }, highWaterMark: 1_000 };
  await using client = new WebSocketClient(server.url, options);
  await client.connect();
  const { socket } = await server.next();
  const closed = once(socket, "close");
  const retried = next(client, "retry");
  for (let i = 0; i < 200; i++) socket.send(`${i}`.padEnd(100));
  expect((await closed)[0]).toBe(4008);
  expect((await retried)[0].error).toMatchObject({ details: { closeCode: 4008 } });
  const { socket: again } = await server.next();
  let count = 0;
  for (let message = await client.receive(); ; message = await client.receive()) {
    if (message === "first of the next") break;
    if (count++ === 0) again.send("first of the next");
  }
  // 16 high-water marks; what came after the connection was given up is not read.
  expect(count).toBeLessThan(100);
});

test("a server that cannot be reached is an error that is tried again", async () => {
  await using client = new WebSocketClient("ws://127.0.0.1:1/");
  client.connect().catch(() => {});
  const [{ error }] = await next(client, "retry");
  expect(NetworkError.is(error, "CONNECTION_FAILED")).toBe(true);
});
