import { expect, test } from "vitest";
import { TestServer } from "../support/test-server.ts";

test("a friend request waits until it is accepted, and then both are friends", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  const bob = await server.join("bob");
  const asked = await alice.call("POST", "/friend_request/bob");
  expect(asked).toMatchObject({ status: 200, body: { state: "requested" } });
  expect((await bob.call("GET", "/friends")).body).toEqual({
    friends: [],
    requests: [{ id: alice.id, username: "alice" }],
  });
  expect((await alice.call("GET", "/friends")).body).toEqual({ friends: [], requests: [] });

  const accepted = await bob.call("POST", "/accept_friend_request/alice");
  expect(accepted.body).toEqual({ friend: { id: alice.id, username: "alice" } });
  expect((await bob.call("GET", "/friends")).body.friends).toEqual([
    { id: alice.id, username: "alice" },
  ]);
  expect((await alice.call("GET", "/friends")).body.friends).toEqual([
    { id: bob.id, username: "bob" },
  ]);
});

test("asking and accepting again changes nothing", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  const bob = await server.join("bob");
  await alice.call("POST", "/friend_request/bob");
  expect((await alice.call("POST", "/friend_request/bob")).body.state).toBe("requested");
  await bob.call("POST", "/accept_friend_request/alice");
  expect((await bob.call("POST", "/accept_friend_request/alice")).status).toBe(200);
  expect((await alice.call("POST", "/friend_request/bob")).body.state).toBe("accepted");
  expect((await alice.call("GET", "/friends")).body.friends).toHaveLength(1);
});

test("two who ask each other are friends", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  const bob = await server.join("bob");
  await alice.call("POST", "/friend_request/bob");
  expect((await bob.call("POST", "/friend_request/alice")).body.state).toBe("accepted");
  expect((await alice.call("GET", "/friends")).body.friends).toHaveLength(1);
});

test("whoever asked cannot accept for the other", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  await server.join("bob");
  await alice.call("POST", "/friend_request/bob");
  expect((await alice.call("POST", "/accept_friend_request/bob")).status).toBe(404);
  expect((await alice.call("GET", "/friends")).body.friends).toEqual([]);
});

test("a request that does not wait and a user who does not exist are answered alike", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  await server.join("bob");
  const stranger = await alice.call("POST", "/accept_friend_request/bob");
  const nobody = await alice.call("POST", "/accept_friend_request/bobby");
  expect(stranger.status).toBe(404);
  expect(nobody.body.error.message).toBe(stranger.body.error.message.replace("bob", "bobby"));
});

test("nobody befriends himself, or a name that does not exist", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  expect((await alice.call("POST", "/friend_request/alice")).status).toBe(400);
  expect((await alice.call("POST", "/friend_request/nobody")).status).toBe(404);
});
