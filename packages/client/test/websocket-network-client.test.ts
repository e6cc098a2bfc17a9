import { type Fetch, WebSocketNetworkClient } from "@net/client";
import { NetworkError, RateLimitError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { fakeFetch, json, login } from "./support/fake-fetch.ts";

const baseUrl = "http://net.test/api";

async function loggedIn(fetch: Fetch, clock?: FakeClock): Promise<WebSocketNetworkClient> {
  const client = new WebSocketNetworkClient({ baseUrl, fetch, clock });
  await client.login("alice", "correct horse battery");
  return client;
}

const message = {
  id: "m1",
  recipientId: "u2",
  recipientAgent: "assistant",
  type: "QUERY",
  text: "hello",
} as const;

test("each call is one request with the token, at the specification's routes", async () => {
  const user = { id: "u2", username: "bob" };
  const agent = { name: "assistant", description: "Helps.", type: "assistant" };
  const everything = { user, friends: [user], requests: [user], friend: user, state: "requested" };
  const answer = { ...login, ...everything, agents: [agent], sentAtMs: 5 };
  const { fetch, sent } = fakeFetch(json(answer));
  const client = await loggedIn(fetch);
  expect(await client.signup("bob", "secret words")).toEqual(user);
  expect(await client.getFriends()).toEqual([user]);
  expect(await client.getFriendRequests()).toEqual([user]);
  expect(await client.sendFriendRequest("b/b")).toBe("requested");
  expect(await client.acceptFriendRequest("bob")).toEqual(user);
  expect(await client.getAgents("u2")).toEqual([agent]);
  await client.registerAgents([agent]);
  expect(await client.sendMessage({ ...message, senderAgent: "coder" })).toEqual({
    id: "m1",
    sentAtMs: 5,
  });
  await client.logout();

  expect(sent.map(({ method, url }) => `${method} ${url.slice(baseUrl.length)}`)).toEqual([
    "POST /login",
    "POST /signup",
    "GET /friends",
    "GET /friends",
    "POST /friend_request/b%2Fb",
    "POST /accept_friend_request/bob",
    "GET /agents/u2",
    "PUT /agents",
    "POST /message/u2",
    "POST /logout",
  ]);
  const [first, second, ...others] = sent;
  expect(first?.body).toEqual({ username: "alice", password: "correct horse battery" });
  expect([first, second].map((request) => request?.headers.authorization)).toEqual([
    undefined,
    undefined,
  ]);
  for (const { headers } of others) {
    expect(headers.authorization).toBe("Bearer a-very-secret-token");
  }
  expect(sent.at(-2)?.body).toEqual({
    id: "m1",
    from: { agent: "coder" },
    to: { agent: "assistant" },
    type: "QUERY",
    text: "hello",
  });
});

test("the token is neither shown by the login nor by the client", async () => {
  const client = new WebSocketNetworkClient({ baseUrl, ...fakeFetch(json(login)) });
  const shown = await client.login("alice", "correct horse battery");
  expect(JSON.stringify([shown, client])).not.toContain("secret");
});

test("what the server calls an error is that error here", async () => {
  const error = new RateLimitError("too many logins", { retryAfterMs: 7000 }).toJSON();
  const { fetch } = fakeFetch(json({ error }, 429));
  const failed = loggedIn(fetch);
  await expect(failed).rejects.toBeInstanceOf(RateLimitError);
  await expect(failed).rejects.toMatchObject({ message: "too many logins", retryAfterMs: 7000 });
});

test("an answer that does not come from a net server is told apart", async () => {
  const page = (status: number) => () => new Response("<h1>Sorry</h1>", { status });
  await expect(loggedIn(fakeFetch(page(502)).fetch)).rejects.toMatchObject({
    code: "HTTP_STATUS",
    retryable: true,
    details: { status: 502 },
  });
  await expect(loggedIn(fakeFetch(page(404)).fetch)).rejects.toMatchObject({ retryable: false });
  await expect(loggedIn(fakeFetch(page(200)).fetch)).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
  });
  await expect(loggedIn(fakeFetch(json({ token: "t" })).fetch)).rejects.toThrow(
    "the server's answer lacks a user: is it a net server?",
  );
});

test("an answer without end is not read to its end", async () => {
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      chunks++;
      controller.enqueue(new Uint8Array(1024 * 1024));
    },
  });
  await expect(loggedIn(fakeFetch(() => new Response(endless)).fetch)).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
  });
  expect(chunks).toBeLessThan(20);
});

test("a server that is not there is CONNECTION_REFUSED, whatever fails in a browser CONNECTION_FAILED", async () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const failing = (error: Error) => fakeFetch(() => Promise.reject(error)).fetch;
  const inNode = new TypeError("fetch failed", { cause: refused });
  await expect(loggedIn(failing(inNode))).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
  const inBrowser = new TypeError("Failed to fetch");
  await expect(loggedIn(failing(inBrowser))).rejects.toMatchObject({
    code: "CONNECTION_FAILED",
    retryable: true,
  });
});

test("a message is sent again, under its id, until the server takes it", async () => {
  const clock = new FakeClock();
  const overloaded = new NetworkError("OVERLOADED", "too much").toJSON();
  const { fetch, sent } = fakeFetch(
    json(login),
    () => Promise.reject(new TypeError("Failed to fetch")),
    json({ error: overloaded }, 503),
    json({ id: "m1", sentAtMs: 9 }, 201),
  );
  const client = await loggedIn(fetch, clock);
  const sending = client.sendMessage(message);
  await clock.advance(5_000);
  expect(await sending).toEqual({ id: "m1", sentAtMs: 9 });
  expect(sent.slice(1).map(({ body }) => (body as { id: string }).id)).toEqual(["m1", "m1", "m1"]);
  expect(clock.pending).toBe(0);
});

test("a message that is refused is not sent again", async () => {
  const error = new NetworkError("NOT_FOUND", "no such friend").toJSON();
  const { fetch, sent } = fakeFetch(json(login), json({ error }, 404));
  const client = await loggedIn(fetch);
  await expect(client.sendMessage(message)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(sent).toHaveLength(2);
});

test("a call ends at its time-out, when it is aborted, and when the client is closed", async () => {
  const clock = new FakeClock();
  const never = (): Promise<Response> => new Promise(() => {});
  const { fetch } = fakeFetch(json(login), never);
  const client = await loggedIn(fetch, clock);

  const late = expect(client.getFriends()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await clock.advance(10_000);
  await late;

  const controller = new AbortController();
  const aborted = client.getFriends({ signal: controller.signal });
  controller.abort("enough");
  await expect(aborted).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });

  const closed = expect(client.getFriends()).rejects.toMatchObject({ code: "CLOSED" });
  await client.close();
  await client.close();
  await closed;
  await expect(client.getFriends()).rejects.toMatchObject({ code: "CLOSED" });
  expect(clock.pending).toBe(0);
});

test("without a login there is nothing to ask, and logging out is nothing", async () => {
  const { fetch, sent } = fakeFetch();
  const client = new WebSocketNetworkClient({ baseUrl, fetch });
  await client.logout();
  await expect(client.getFriends()).rejects.toThrow("log in first");
  await expect(client.messages().next()).rejects.toThrow("log in first");
  expect(sent).toEqual([]);
});

test("a session that the server has forgotten is logged out; one it could not be asked about is not", async () => {
  const error = new NetworkError("AUTHENTICATION_FAILED", "ended");
  const forgotten = { ...error.toJSON(), name: "AuthenticationError" };
  const { fetch } = fakeFetch(
    json(login),
    () => Promise.reject(new TypeError("Failed to fetch")),
    json({ error: forgotten }, 401),
  );
  const client = await loggedIn(fetch);
  await expect(client.logout()).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  await client.logout();
  await expect(client.getFriends()).rejects.toThrow("log in first");
});

test.each([
  [{ baseUrl: "net.example.org" }, /^baseUrl must be a URL that begins with http:.. or https:/],
  [{ baseUrl: "ftp://net.example.org" }, /^baseUrl must be a URL/],
  [{ baseUrl: "https://ann:secret@net.example.org" }, /^baseUrl must have no user/],
  [{ baseUrl: "https://net.example.org/?a=b" }, /^baseUrl must have no user, query or fragment/],
  [{ baseUrl, wsUrl: "http://net.example.org/ws" }, /^wsUrl must be a URL/],
])("a URL that will not do is refused at once: %j", (options, what) => {
  expect(() => new WebSocketNetworkClient(options)).toThrow(what);
});
