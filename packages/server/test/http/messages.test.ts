import { messageTypes } from "@net/server";
import { expect, test } from "vitest";
import { draft, TestServer } from "../support/test-server.ts";

test("a message is stored once, however often it is sent", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const first = await alice.call("POST", `/message/${bob.id}`, draft("m1", "hello"));
  const again = await alice.call("POST", `/message/${bob.id}`, draft("m1", "hello"));
  expect(first).toMatchObject({ status: 201, body: { id: "m1", sentAtMs: expect.any(Number) } });
  expect(again).toMatchObject({ status: 200, body: first.body });
  await alice.call("POST", `/message/${bob.id}`, draft("m2"));
  using socket = await bob.connect();
  expect(await socket.messages(2)).toEqual([
    [1, "hello"],
    [2, "m2"],
  ]);
});

test("another message with a used id is a conflict", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  await alice.call("POST", `/message/${bob.id}`, draft("m1", "hello"));
  const other = await alice.call("POST", `/message/${bob.id}`, draft("m1", "goodbye"));
  expect(other.status).toBe(409);
  expect(other.body.error.code).toBe("CONFLICT");
});

test("two senders may use the same id", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  expect((await alice.call("POST", `/message/${bob.id}`, draft("m1"))).status).toBe(201);
  expect((await bob.call("POST", `/message/${alice.id}`, draft("m1"))).status).toBe(201);
});

test("a stranger and an unknown id are answered alike, and get nothing", async () => {
  await using server = await TestServer.start();
  const { alice } = await server.friends();
  const carol = await server.join("carol");
  const stranger = await alice.call("POST", `/message/${carol.id}`, draft("m1"));
  const nobody = await alice.call("POST", "/message/no-such-id", draft("m1"));
  expect(stranger.status).toBe(404);
  expect(nobody).toMatchObject({ status: 404, body: stranger.body });
});

test("one who has not accepted yet cannot be written to", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  const bob = await server.join("bob");
  await alice.call("POST", "/friend_request/bob");
  expect((await alice.call("POST", `/message/${bob.id}`, draft("m1"))).status).toBe(404);
});

test("both agents must be registered", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const send = (fields: object): ReturnType<typeof alice.call> =>
    alice.call("POST", `/message/${bob.id}`, { ...draft("m1"), ...fields });
  const unknown = await send({ to: { agent: "butler" } });
  expect(unknown.status).toBe(404);
  expect(unknown.body.error.message).toBe("that friend has no agent named butler");
  const impostor = await send({ from: { agent: "boss" } });
  expect(impostor.body.error.message).toMatch(/^you have no agent named boss/);
  expect((await send({ from: { agent: "assistant" } })).status).toBe(201);
});

test.each(messageTypes)("%s is a type of message", async (type) => {
  await using server = await TestServer.start({ testUsers: true });
  const alice = await server.login("alice", undefined, "password123");
  const [bob] = (await alice.call("GET", "/friends")).body.friends;
  const { status } = await alice.call("POST", `/message/${bob.id}`, { ...draft("m"), type });
  expect(status).toBe(201);
});

test.each([
  [{ ...draft("m1"), type: "SHOUT" }, /^type must be one of PROPOSAL,ACCEPTANCE/],
  [{ ...draft("m1"), id: "" }, /^id must be 1 to 64 characters/],
  [{ ...draft("m1"), to: {} }, /^to must have required property 'agent'$/],
  [{ ...draft("m1"), text: 5 }, /^text must be string$/],
  [{ ...draft("m1"), from: { agent: "a", username: "root" } }, /^from must not have the field/],
  [draft("m1", "half a \ud83d"), /lone surrogate/],
])("a message that is wrong says what is: %j", async (body, message) => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const answer = await alice.call("POST", `/message/${bob.id}`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toMatch(message);
});

test("a text of 64 KiB passes in any spelling, one byte more does not", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const longest = draft("long", "\u0001".repeat(64 * 1024));
  expect((await alice.call("POST", `/message/${bob.id}`, longest)).status).toBe(201);
  const tooLong = await alice.call("POST", `/message/${bob.id}`, draft("m", "ä".repeat(32_769)));
  expect(tooLong.status).toBe(413);
  expect(tooLong.body.error).toMatchObject({ name: "ValidationError", code: "FRAME_TOO_LARGE" });
  using socket = await bob.connect();
  expect(await socket.messages(1)).toEqual([[1, longest.text]]);
});

test("an oversized body is refused before it is read", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const answer = await alice.call("POST", `/message/${bob.id}`, draft("m", "x".repeat(500_000)));
  expect(answer.status).toBe(413);
  expect(answer.body.error.code).toBe("FRAME_TOO_LARGE");
});
