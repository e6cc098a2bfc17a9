import { AbortedError, RateLimitError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import { expect, test } from "vitest";
import { next, reaching } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

// Half of every window, so that a delay says which window it was drawn from.
const rng = { next: () => 0.5 };

async function open(server: TestServer, options: WebSocketClientOptions = {}) {
  const client = new WebSocketClient(server.url, { rng, ...options });
  await client.connect();
  const { socket } = await server.next();
  return { client, socket };
}

test.each([1001, 1006, 1012, 1013])(
  "the first delay after a sudden loss (%i) is ten times as wide",
  async (code) => {
    await using server = await TestServer.start();
    const { client, socket } = await open(server);
    const retried = next(client, "retry");
    if (code === 1006) socket.terminate();
    else socket.close(code);
    expect((await retried)[0].delayMs).toBe(5_000);
    await client.close();
  },
);

test.each([1000, 1011, 4000])(
  "a close with %i is this client's own, and it comes back quickly",
  async (code) => {
    await using server = await TestServer.start();
    const { client, socket } = await open(server);
    const retried = next(client, "retry");
    socket.close(code);
    expect((await retried)[0].delayMs).toBe(500);
    await client.close();
  },
);

test("silence is no sudden loss: a laptop that wakes is back soon", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const { client, socket } = await open(server, { clock, ping: 1_000, timeout: { idle: 2_000 } });
  socket.pause();
  const retried = next(client, "retry");
  await clock.advance(2_000);
  expect((await retried)[0]).toMatchObject({ delayMs: 500, error: { code: "TIMEOUT" } });
  await client.close();
});

test("the window of a sudden loss can be set, and is no longer than the longest delay", async () => {
  await using server = await TestServer.start();
  for (const [reconnect, delayMs] of [
    [{ spread: 0 }, 500],
    [{ spread: 100_000 }, 15_000],
    [{ min: 10, max: 60 }, 30],
  ] as const) {
    const { client, socket } = await open(server, { reconnect });
    const retried = next(client, "retry");
    socket.terminate();
    expect((await retried)[0].delayMs).toBe(delayMs);
    await client.close();
  }
  expect(() => new WebSocketClient("ws://a/", { reconnect: { spread: -1 } })).toThrow(
    "reconnect.spread",
  );
});

test.each([1001, 1012, 1013])("a hint in the reason of %i says when to come back", async (code) => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const { client, socket } = await open(server, { clock });
  const retried = next(client, "retry");
  socket.close(code, "retryAfterMs=4321 updating");
  const [{ delayMs, error }] = await retried;
  expect(delayMs).toBe(4_321);
  expect(error).toMatchObject({ details: { closeCode: code, retryAfterMs: 4_321 } });
  const opened = reaching(client, "open");
  await clock.advance(4_321);
  await opened;
  await client.close();
});

test.each([
  [1012, "restarting"],
  [1012, "retryAfterMs=soon"],
  [1012, "retryAfterMs=-1"],
  [1012, "retryAfterMs=99999999999"],
])("a reason that is no hint (%i, %s) leaves the usual delay", async (code, reason) => {
  await using server = await TestServer.start();
  const { client, socket } = await open(server);
  const retried = next(client, "retry");
  socket.close(code, reason);
  expect((await retried)[0].delayMs).toBe(5_000);
  await client.close();
});

test("a hint in any other close is text", async () => {
  await using server = await TestServer.start();
  const { client, socket } = await open(server);
  const retried = next(client, "retry");
  socket.close(4000, "retryAfterMs=4321");
  expect((await retried)[0].delayMs).toBe(500);
  await client.close();
});

test("after a refused token, a fresh one is asked for at once, and the client knows why", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start({ statuses: [401] });
  const asked: unknown[] = [];
  await using client = new WebSocketClient(server.url, {
    clock,
    headers: ({ attempt, error }) => {
      asked.push([attempt, error?.code, error?.details.status]);
      return { authorization: `Bearer ${attempt}` };
    },
  });
  const retried = next(client, "retry");
  const connecting = client.connect();
  expect((await retried)[0]).toMatchObject({ attempt: 1, delayMs: 0 });
  await clock.advance(0);
  await connecting;
  expect(asked).toEqual([
    [1, undefined, undefined],
    [2, "AUTHENTICATION_FAILED", 401],
  ]);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer 1",
    "Bearer 2",
  ]);
});

test("a second 401 in a row is final; each connection lost later has its own refresh", async () => {
  const statuses = [401, 401];
  await using server = await TestServer.start({ statuses });
  const refused = new WebSocketClient(async () => server.url);
  await expect(refused.connect()).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(refused.state).toBe("closed");
  expect(server.requests).toHaveLength(2);
});

test("a token that expires later is refreshed once more", async () => {
  await using gate = await TestServer.start({ statuses: [401] });
  await using again = await TestServer.start({ statuses: [401] });
  let url = gate.url;
  await using client = new WebSocketClient(() => url, { reconnect: { min: 0, max: 0 } });
  await client.connect();
  url = again.url;
  (await gate.next()).socket.terminate();
  await again.next();
  expect([gate.requests.length, again.requests.length]).toEqual([2, 2]);
});

test("credentials that never change are not tried twice", async () => {
  await using server = await TestServer.start({ statuses: [401] });
  const client = new WebSocketClient(server.url, { headers: { authorization: "Bearer old" } });
  await expect(client.connect()).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(server.requests).toHaveLength(1);
});

test("shouldRetry may decline the refresh", async () => {
  await using server = await TestServer.start({ statuses: [401] });
  const client = new WebSocketClient(() => server.url, { reconnect: { shouldRetry: () => false } });
  await expect(client.connect()).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(server.requests).toHaveLength(1);
});

test("after a loss, connect waits for the next connection; aborting it does not stop the coming back", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const options = { reconnect: { min: 1_000, max: 1_000, spread: 0 }, rng, clock };
  await using client = new WebSocketClient(server.url, options);
  await client.connect();
  (await server.next()).socket.terminate();
  await reaching(client, "waiting");
  const controller = new AbortController();
  const impatient = client.connect({ signal: controller.signal });
  controller.abort();
  await expect(impatient).rejects.toThrow(AbortedError);
  let isBack = false;
  const back = client.connect().then(() => {
    isBack = true;
  });
  await clock.advance(499);
  expect([client.state, isBack]).toEqual(["waiting", false]);
  await clock.advance(1);
  await back;
  expect(client.state).toBe("open");
});

test("a 429 is a RateLimitError that says when to come back, and is obeyed", async () => {
  const headers = { "retry-after": "7" };
  await using server = await TestServer.start({ statuses: [429], headers });
  await using client = new WebSocketClient(server.url, { rng });
  client.connect().catch(() => {});
  const [{ error, delayMs }] = await next(client, "retry");
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 7_000 });
  expect(delayMs).toBe(7_000);
});
