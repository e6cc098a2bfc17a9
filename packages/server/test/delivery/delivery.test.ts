import { FakeClock } from "@net/core/testing";
import { closeCodes } from "@net/server";
import { expect, test } from "vitest";
import { DELIVERY_WINDOW } from "../../src/delivery/delivery.ts";
import { HELLO_TIMEOUT } from "../../src/delivery/visit.ts";
import { draft, TestServer, type TestUser } from "../support/test-server.ts";

async function send(from: TestUser, to: TestUser, ...ids: string[]): Promise<void> {
  for (const id of ids) await from.call("POST", `/message/${to.id}`, draft(id));
}

test("a message reaches a connected user, with what the server knows of its sender", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  using socket = await bob.connect();
  expect(await socket.next()).toEqual({ kind: "welcome", cursor: 0 });
  const message = { ...draft("m1", "hello"), from: { agent: "assistant" } };
  const { body } = await alice.call("POST", `/message/${bob.id}`, message);
  expect(await socket.next()).toEqual({
    kind: "message",
    seq: 1,
    message: {
      id: "m1",
      from: { userId: alice.id, username: "alice", agent: "assistant" },
      to: { agent: "assistant" },
      type: "INFORMATION",
      text: "hello",
      sentAtMs: body.sentAtMs,
    },
  });
});

test("messages wait for whoever is offline, and come in order", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  await send(alice, bob, "a", "b", "c");
  using socket = await bob.connect();
  expect(await socket.messages(3)).toEqual([
    [1, "a"],
    [2, "b"],
    [3, "c"],
  ]);
});

test("what was acknowledged does not come again, what was not does", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  await send(alice, bob, "a", "b", "c");
  const first = await bob.connect();
  await first.messages(3);
  first.send({ kind: "ack", seq: 2 });
  await first.close();
  using second = await (await server.login("bob")).connect();
  expect(await second.next()).toEqual({ kind: "welcome", cursor: 2 });
  expect(await second.messages(1)).toEqual([[3, "c"]]);
});

test("a cursor in hello counts as an acknowledgement, and never beyond what there is", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  await send(alice, bob, "a", "b", "c");
  const first = await bob.connect(2);
  expect(await first.next()).toEqual({ kind: "welcome", cursor: 2 });
  await first.close();
  const second = await bob.connect(1);
  expect(await second.next()).toEqual({ kind: "welcome", cursor: 2 });
  await second.close();
  using third = await bob.connect(1000);
  expect(await third.next()).toEqual({ kind: "welcome", cursor: 3 });
  await send(alice, bob, "d");
  expect(await third.messages(1)).toEqual([[4, "d"]]);
});

test("each device reads everything, at its own pace", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const phone = await server.login("bob", "phone");
  await send(alice, bob, "a", "b");
  const onPhone = await phone.connect();
  await onPhone.messages(2);
  onPhone.send({ kind: "ack", seq: 2 });
  await onPhone.close();
  using onDefault = await bob.connect();
  expect(await onDefault.messages(2)).toEqual([
    [1, "a"],
    [2, "b"],
  ]);
});

test("a new device starts with what no other has acknowledged", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  await send(alice, bob, "a", "b");
  const old = await bob.connect();
  await old.messages(2);
  old.send({ kind: "ack", seq: 1 });
  await old.close();
  using fresh = await (await server.login("bob", "tablet")).connect();
  expect(await fresh.messages(1)).toEqual([[2, "b"]]);
});

test("a device's newer connection ends the older, and two devices live together", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const tablet = await server.login("bob", "tablet");
  using onTablet = await tablet.connect();
  const older = await bob.connect();
  await older.next();
  using newer = await (await server.login("bob")).connect();
  expect(await older.closed).toEqual({
    code: closeCodes.replaced,
    reason: 'the device "default" connected again',
  });
  await send(alice, bob, "a");
  expect(await newer.messages(1)).toEqual([[1, "a"]]);
  expect(await onTablet.messages(1)).toEqual([[1, "a"]]);
});

test("a client that acknowledges nothing is sent a window of messages and no more", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const ids = Array.from({ length: DELIVERY_WINDOW + 5 }, (_, index) => `m${index + 1}`);
  await send(alice, bob, ...ids);
  using socket = await bob.connect();
  await socket.messages(DELIVERY_WINDOW);
  await alice.call("GET", "/friends");
  expect(socket.waiting).toBe(0);
  socket.send({ kind: "ack", seq: 5 });
  const [first] = await socket.messages(5);
  expect(first).toEqual([DELIVERY_WINDOW + 1, `m${DELIVERY_WINDOW + 1}`]);
});

test("logging out ends the connection, for good", async () => {
  await using server = await TestServer.start();
  const { bob } = await server.friends();
  const socket = await bob.connect();
  await socket.next();
  await bob.call("POST", "/logout");
  expect(await socket.closed).toEqual({ code: closeCodes.unauthorized, reason: "logged out" });
  const again = await bob.connect();
  expect((await again.closed).code).toBe(closeCodes.unauthorized);
});

test("whoever does not say hello in time is sent away", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start({ clock });
  const socket = await server.socket();
  await clock.advance(HELLO_TIMEOUT);
  expect((await socket.closed).code).toBe(closeCodes.helloTimeout);
});

test.each([
  ["no JSON", "hello"],
  ["an array", []],
  ["an unknown kind", { kind: "send" }],
  ["an acknowledgement before hello", { kind: "ack", seq: 0 }],
  ["a negative cursor", { kind: "hello", token: "x", cursor: -1 }],
  ["a hello without a token", { kind: "hello" }],
])("%s is a protocol error", async (_what, frame) => {
  await using server = await TestServer.start();
  const socket = await server.socket();
  socket.send(frame);
  expect((await socket.closed).code).toBe(closeCodes.protocolError);
});

test("hello twice is a protocol error", async () => {
  await using server = await TestServer.start();
  const { bob } = await server.friends();
  const socket = await bob.connect();
  await socket.next();
  socket.send({ kind: "hello", token: bob.token });
  expect((await socket.closed).code).toBe(closeCodes.protocolError);
});

test("a binary frame and one that is too long are refused", async () => {
  await using server = await TestServer.start();
  const binary = await server.socket();
  binary.sendBytes(new Uint8Array(3));
  expect((await binary.closed).code).toBe(closeCodes.protocolError);
  const long = await server.socket();
  long.send({ kind: "hello", token: "x".repeat(5000) });
  expect((await long.closed).code).toBe(1009);
});
