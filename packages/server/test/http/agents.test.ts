import { expect, test } from "vitest";
import { TestServer } from "../support/test-server.ts";

const coder = { name: "coder", description: "Writes code.", type: "developer" };
const critic = { name: "critic", description: "Reads code.", type: "reviewer" };

test("friends see a user's agents in the order they were registered", async () => {
  await using server = await TestServer.start();
  const { alice, bob } = await server.friends();
  const registered = await bob.call("PUT", "/agents", { agents: [critic, coder] });
  expect(registered).toMatchObject({ status: 200, body: { agents: [critic, coder] } });
  expect((await alice.call("GET", `/agents/${bob.id}`)).body).toEqual({ agents: [critic, coder] });
  expect((await bob.call("GET", `/agents/${bob.id}`)).body).toEqual({ agents: [critic, coder] });
});

test("registering replaces the whole list", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  await alice.call("PUT", "/agents", { agents: [coder] });
  await alice.call("PUT", "/agents", { agents: [critic] });
  expect((await alice.call("GET", `/agents/${alice.id}`)).body).toEqual({ agents: [critic] });
});

test("strangers and unknown ids get the same answer", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  const bob = await server.join("bob");
  const stranger = await alice.call("GET", `/agents/${bob.id}`);
  const nobody = await alice.call("GET", "/agents/no-such-id");
  expect(stranger.status).toBe(404);
  expect(nobody).toMatchObject({ status: 404, body: stranger.body });
});

test("two agents of one name are refused, and nothing is changed", async () => {
  await using server = await TestServer.start();
  const alice = await server.join("alice");
  await alice.call("PUT", "/agents", { agents: [coder] });
  const answer = await alice.call("PUT", "/agents", { agents: [critic, coder, critic] });
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toBe("two of the agents are named critic");
  expect((await alice.call("GET", `/agents/${alice.id}`)).body.agents).toEqual([coder]);
});
