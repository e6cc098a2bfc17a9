import { once } from "node:events";
import { AbortedError, ClosedError, ValidationError } from "@net/core";
import { type ClientState, WebSocketClient } from "@net/ws";
import { expect, test } from "vitest";
import { next } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

test("text arrives as text, bytes as bytes, both ways", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  await client.connect();
  const { socket } = await server.next();
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  await client.send("hello");
  await client.send(new Uint8Array([1, 2, 3]));
  await client.send("");
  expect(await client.receive()).toBe("hello");
  expect(await client.receive()).toEqual(Buffer.from([1, 2, 3]));
  expect(await client.receive()).toBe("");
});

test("it goes from idle to open to closed, and says so", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url);
  const states: ClientState[] = [client.state];
  client.on("state", (state, previous) => {
    expect(previous).toBe(states.at(-1));
    states.push(state);
  });
  const ended = next(client, "close");
  await client.connect();
  await client.connect();
  const { socket } = await server.next();
  const told = once(socket, "close");
  await Promise.all([client.close(3001, "done"), client.close()]);
  await client.close();
  expect(states).toEqual(["idle", "connecting", "open", "closing", "closed"]);
  expect(await told).toEqual([3001, Buffer.from("done")]);
  expect(await ended).toEqual([{ code: 3001, reason: "done" }]);
});

test("iterating gives what was received before the close, then ends", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url);
  await client.connect();
  const { socket } = await server.next();
  socket.send("one");
  socket.send("two");
  const messages: unknown[] = [];
  for await (const message of client) {
    messages.push(message);
    if (message === "two") void client.close();
  }
  expect(messages).toEqual(["one", "two"]);
  expect(await client.receive()).toBeUndefined();
});

test("a message listener gets what waits first, in order, and then everything; without it, receive does", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  await client.connect();
  const { socket } = await server.next();
  for (const text of ["1", "2", "3"]) socket.send(text);
  expect(await client.receive()).toBe("1");
  const heard: unknown[] = [];
  const four = Promise.withResolvers<void>();
  const off = client.on((message) => {
    heard.push(message);
    if (message === "4") four.resolve();
  });
  socket.send("4");
  await four.promise;
  expect(heard).toEqual(["2", "3", "4"]);
  off();
  socket.send("5");
  expect(await client.receive()).toBe("5");
  expect(heard).toHaveLength(3);
});

test("before connect, send says so and receive waits; after close, everything is CLOSED", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url);
  await expect(client.send("x")).rejects.toThrow(
    expect.objectContaining({ code: "INVALID_STATE" }),
  );
  const received = client.receive();
  await client.connect();
  (await server.next()).socket.send("early reader");
  expect(await received).toBe("early reader");
  await client.close();
  await expect(client.connect()).rejects.toThrow(ClosedError);
  await expect(client.send("x")).rejects.toThrow(ClosedError);
});

test("aborting a receive leaves the next message to the next", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  await client.connect();
  const controller = new AbortController();
  const given = client.receive({ signal: controller.signal });
  controller.abort();
  await expect(given).rejects.toThrow(AbortedError);
  (await server.next()).socket.send("kept");
  expect(await client.receive()).toBe("kept");
});

test("the subprotocol agreed on is known", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, { protocols: ["v2", "v1"] });
  await client.connect();
  expect(client.protocol).toBe("v2");
  expect((await server.next()).request.headers["sec-websocket-protocol"]).toBe("v2,v1");
});

test("a message over maxPayload ends the client", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url, { maxPayload: 1_000 });
  await client.connect();
  const { socket } = await server.next();
  const told = once(socket, "close");
  socket.send("fits");
  socket.send(Buffer.alloc(1_001));
  expect(await client.receive()).toBe("fits");
  await expect(client.receive()).rejects.toThrow(
    expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
  );
  expect((await told)[0]).toBe(1009);
});

test("a close code or reason that cannot be sent is a ValidationError, and closes nothing", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  await client.connect();
  for (const code of [999, 1001, 1006, 5000, 3000.5]) {
    await expect(client.close(code)).rejects.toThrow(ValidationError);
  }
  await expect(client.close(1000, "ü".repeat(62))).rejects.toThrow(ValidationError);
  expect(client.state).toBe("open");
});

const wrong = "5" as never;
test.each([
  ["a URL of another scheme", () => new WebSocketClient("http://localhost/")],
  ["a URL with a fragment", () => new WebSocketClient("ws://localhost/#here")],
  ["no URL", () => new WebSocketClient("localhost")],
  ["max below min", () => new WebSocketClient("ws://a/", { reconnect: { min: 10, max: 5 } })],
  ["idle below ping", () => new WebSocketClient("ws://a/", { ping: 100, timeout: { idle: 100 } })],
  ["no payload", () => new WebSocketClient("ws://a/", { maxPayload: 0 })],
  ["a limit that is none", () => new WebSocketClient("ws://a/", { maxPayload: 2 ** 31 })],
  ["no number", () => new WebSocketClient("ws://a/", { reconnectInterval: Number.NaN })],
  ["a time as text", () => new WebSocketClient("ws://a/", { timeout: { connect: wrong } })],
  ["a protocol with a space", () => new WebSocketClient("ws://a/", { protocols: "a b" })],
  ["a protocol named twice", () => new WebSocketClient("ws://a/", { protocols: ["a", "b", "a"] })],
  ["headers as text", () => new WebSocketClient("ws://a/", { headers: wrong })],
  ["no headers", () => new WebSocketClient("ws://a/", { headers: null as never })],
  ["no function", () => new WebSocketClient("ws://a/", { reconnect: { shouldRetry: wrong } })],
  ["no pong", () => new WebSocketClient("ws://a/", { ping: { isPong: wrong } })],
  ["no ping", () => new WebSocketClient("ws://a/", { ping: { message: 7 as never } })],
])("%s is a ValidationError at once", (_what, construct) => {
  expect(construct).toThrow(ValidationError);
});
