import { type Received, WebSocketNetworkClient } from "@net/client";
import { expect, onTestFinished, test } from "vitest";
import { numbered, StandIn } from "../support/stand-in.ts";

async function listening() {
  const server = await StandIn.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const client = new WebSocketNetworkClient({ baseUrl: server.url, reconnect: { min: 1, max: 5 } });
  onTestFinished(() => client.close());
  await client.login("bob", "correct horse battery");
  const messages = client.messages();
  const next = async (): Promise<Received> => (await messages.next()).value as Received;
  const first = next();
  first.catch(() => {});
  const socket = await server.connection();
  return { server, client, messages, next, first, socket };
}

test("the first frame is the token without a cursor, and messages come as they were sent", async () => {
  const { first, socket } = await listening();
  expect(await socket.welcome(7)).toEqual({ kind: "hello", token: "a token" });
  socket.send(numbered(8));
  const message = await first;
  expect(message).toEqual({ ...numbered(8).message, seq: 8, ack: expect.any(Function) });
  await message.ack();
  expect(await socket.next()).toEqual({ kind: "ack", seq: 8 });
});

test("after a loss it connects again, says how far it is, and passes on nothing twice", async () => {
  const { server, first, next, socket } = await listening();
  await socket.welcome(0);
  socket.send(numbered(1));
  await (await first).ack();
  await socket.next();
  socket.send(numbered(2));
  expect((await next()).seq).toBe(2);
  const third = next();
  socket.lose();

  const again = await server.connection();
  expect(await again.welcome(1)).toEqual({ kind: "hello", token: "a token", cursor: 1 });
  again.send(numbered(2));
  again.send(numbered(3));
  expect((await third).seq).toBe(3);
});

test("what is acknowledged without a connection is told with the next", async () => {
  const { server, first, next, socket } = await listening();
  await socket.welcome(0);
  socket.send(numbered(1));
  const message = await first;
  const second = next();
  socket.lose();
  const again = await server.connection();
  await message.ack();
  const hello = await again.welcome(1);
  expect(hello.kind).toBe("hello");
  again.send(numbered(2));
  await (await second).ack();
  expect(await again.next()).toEqual({ kind: "ack", seq: 2 });
});

test("a missing message is asked for again on a new connection", async () => {
  const { server, first, next, socket } = await listening();
  await socket.welcome(0);
  socket.send(numbered(1));
  await first;
  const second = next();
  socket.send(numbered(3));
  const again = await server.connection();
  await again.welcome(0);
  for (const seq of [1, 2, 3]) again.send(numbered(seq));
  expect((await second).seq).toBe(2);
  expect((await next()).seq).toBe(3);
  expect(await socket.closed).toBe(1000);
});

test("a server that leaves messages out again is a protocol error", async () => {
  const { server, first, socket } = await listening();
  await socket.welcome(0);
  socket.send(numbered(2));
  const again = await server.connection();
  await again.welcome(0);
  again.send(numbered(2));
  await expect(first).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
    message: "the server left out messages before 2",
  });
});

const welcome = { kind: "welcome", cursor: 0 };

test.each([
  ["no JSON", ["hello"]],
  ["an array", [[]]],
  ["an unknown kind", [{ kind: "news" }]],
  ["a message before the welcome", [numbered(1)]],
  ["a message without a text", [welcome, { ...numbered(1), message: { id: "m1" } }]],
])("%s is a protocol error and ends the connection", async (_what, frames) => {
  const { first, socket } = await listening();
  await socket.next();
  for (const frame of frames) socket.send(frame);
  await expect(first).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  expect(await socket.closed).toBe(1000);
});

test("a server that never waits for acknowledgements does not fill the memory", async () => {
  const { first, next, socket } = await listening();
  await socket.welcome(0);
  for (let seq = 1; seq <= 1100; seq++) socket.send(numbered(seq));
  expect((await first).seq).toBe(1);
  await socket.closed;
  await expect(next()).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
});

test("an ended session is an AuthenticationError, a replaced one a ClosedError", async () => {
  const ended = await listening();
  ended.socket.close(4500, "logged out");
  await expect(ended.first).rejects.toMatchObject({
    name: "AuthenticationError",
    message: "the session has ended (logged out): log in again",
  });
  const replaced = await listening();
  replaced.socket.close(4501, 'the device "default" connected again');
  await expect(replaced.first).rejects.toMatchObject({
    name: "ClosedError",
    message:
      'the device "default" connected again: log in with another device name to read on both',
  });
});

test("a restart of the server is no end", async () => {
  const { server, first, socket } = await listening();
  await socket.welcome(0);
  socket.close(1012, "the server stops");
  const again = await server.connection();
  await again.welcome(0);
  again.send(numbered(1));
  expect((await first).seq).toBe(1);
});

test("leaving the loop closes the connection, and another loop goes on after what was acknowledged", async () => {
  const { server, client, first, messages, next, socket } = await listening();
  await socket.welcome(0);
  socket.send(numbered(1));
  socket.send(numbered(2));
  await (await first).ack();
  expect((await next()).seq).toBe(2);
  await messages.return();
  expect(await socket.closed).toBe(1000);

  const later = client.messages();
  const message = later.next();
  const again = await server.connection();
  expect((await again.welcome(1)).cursor).toBe(1);
  again.send(numbered(2));
  expect((await message).value).toMatchObject({ seq: 2 });
});

test("there is one loop at a time", async () => {
  const { client } = await listening();
  await expect(client.messages().next()).rejects.toMatchObject({ code: "INVALID_STATE" });
});

test("an abort ends the loop and the connection", async () => {
  const server = await StandIn.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  await using client = new WebSocketNetworkClient({ baseUrl: server.url });
  await client.login("bob", "correct horse battery");
  const controller = new AbortController();
  const first = client.messages({ signal: controller.signal }).next();
  const socket = await server.connection();
  await socket.welcome(0);
  controller.abort("enough");
  await expect(first).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  expect(await socket.closed).toBe(1000);
});

test.each(["logout", "close"] as const)("%s ends the loop without an error", async (how) => {
  const { client, first, socket, messages } = await listening();
  await socket.welcome(0);
  socket.send(numbered(1));
  socket.send(numbered(2));
  await first;
  await client[how]();
  expect(await messages.next()).toEqual({ done: true, value: undefined });
  expect(await socket.closed).toBe(1000);
});
