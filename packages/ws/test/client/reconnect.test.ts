import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { ClosedError, ConnectionError, exponential, type RetryEvent, seededRng } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { type ConnectionFailure, WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import { expect, test } from "vitest";
import { next, reaching } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

const atOnce = { reconnect: { min: 0, max: 0 } } satisfies WebSocketClientOptions;

test("after the server drops it, it comes back, and one loop reads both connections", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url, atOnce);
  await client.connect();
  const messages: unknown[] = [];
  const reading = (async () => {
    for await (const message of client) {
      messages.push(message);
      if (message === "second") void client.close();
    }
  })();
  const first = await server.next();
  const retried = next(client, "retry");
  first.socket.send("first", () => first.socket.terminate());
  const second = await server.next();
  second.socket.send("second");
  await reading;
  expect(messages).toEqual(["first", "second"]);
  const [{ attempt, error }] = await retried;
  expect(attempt).toBe(1);
  expect(error).toMatchObject({ code: "CONNECTION_LOST", details: { closeCode: 1006 } });
});

test("delays double, jittered by the given randomness, up to the limit", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start({ statuses: [503, 503, 503, 503, 503, 503] });
  const options = { reconnectInterval: 1_000, maxReconnectDelay: 8_000, clock };
  await using client = new WebSocketClient(server.url, { ...options, rng: seededRng(42) });
  const connecting = client.connect();
  const delays: number[] = [];
  for (let i = 0; i < 6; i++) {
    const [{ delayMs, attempt }] = await next(client, "retry");
    expect(attempt).toBe(i + 1);
    delays.push(delayMs);
    await clock.advance(delayMs - 1);
    expect(client.state).toBe("waiting");
    await clock.advance(2);
  }
  await connecting;
  const rng = seededRng(42);
  const backoff = exponential({ initial: 1_000, max: 8_000 });
  expect(delays).toEqual([1, 2, 3, 4, 5, 6].map((retry) => backoff(retry, rng)));
});

test("only a connection that lasted starts the delays anew", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const reconnect = { min: 100, max: 10_000, resetAfter: 5_000 };
  // Whole milliseconds, so that 5000 of them are 5000.
  const rng = { next: () => 0.5 };
  await using client = new WebSocketClient(server.url, { reconnect, clock, rng });
  const lose = async (afterMs: number): Promise<number> => {
    await clock.advance(afterMs);
    const retried = next(client, "retry");
    (await server.next()).socket.terminate();
    const [{ attempt, delayMs }] = await retried;
    const opened = reaching(client, "open");
    await clock.advance(delayMs);
    await opened;
    return attempt;
  };
  await client.connect();
  expect(await lose(0)).toBe(1);
  expect(await lose(4_999)).toBe(2);
  expect(await lose(5_000)).toBe(1);
});

test.each([1002, 1003, 1007, 1008, 1009, 1010, 3500, 3999, 4500, 4999])(
  "close code %i ends the client, and those who wait learn it",
  async (code) => {
    await using server = await TestServer.start();
    const client = new WebSocketClient(server.url, atOnce);
    await client.connect();
    const ended = next(client, "close");
    const receiving = client.receive();
    receiving.catch(() => {});
    (await server.next()).socket.close(code, "go away");
    await expect(receiving).rejects.toThrow(ClosedError);
    await expect(receiving).rejects.toMatchObject({ details: { closeCode: code } });
    expect(await ended).toEqual([{ code, reason: "go away", error: expect.any(ClosedError) }]);
    expect(client.state).toBe("closed");
    await expect(client.send("x")).rejects.toThrow(ClosedError);
    await client.close();
    expect(server.requests).toHaveLength(1);
  },
);

test.each([1000, 1001, 1011, 1012, 1013, 3000, 3499, 4000, 4499])(
  "close code %i makes it come back",
  async (code) => {
    await using server = await TestServer.start();
    await using client = new WebSocketClient(server.url, atOnce);
    await client.connect();
    (await server.next()).socket.close(code);
    await server.next();
    await reaching(client, "open");
  },
);

test.each([
  [400, "CONNECTION_FAILED"],
  [401, "AUTHENTICATION_FAILED"],
  [403, "PERMISSION_DENIED"],
  [404, "CONNECTION_FAILED"],
])("HTTP status %i ends the client with %s", async (status, code) => {
  await using server = await TestServer.start({ statuses: [status] });
  const client = new WebSocketClient(server.url, atOnce);
  await expect(client.connect()).rejects.toMatchObject({ code, details: { status } });
  expect(client.state).toBe("closed");
  expect(server.requests).toHaveLength(1);
});

test.each([408, 425, 429, 500, 503])("HTTP status %i is tried again", async (status) => {
  await using server = await TestServer.start({ statuses: [status] });
  await using client = new WebSocketClient(server.url, atOnce);
  await client.connect();
  expect(server.requests).toHaveLength(2);
});

test.each([
  ["429", "7", 7_000],
  ["503", "Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
])("a %s with Retry-After %s is obeyed", async (status, after, delayMs) => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const refusal = { statuses: [Number(status)], headers: { "retry-after": after } };
  await using server = await TestServer.start(refusal);
  await using client = new WebSocketClient(server.url, { ...atOnce, clock });
  const connecting = client.connect();
  const [event] = await next(client, "retry");
  expect(event.delayMs).toBe(delayMs);
  await clock.advance(delayMs);
  await connecting;
});

test("the URL and the headers are made afresh for every attempt, knowing what went wrong", async () => {
  await using server = await TestServer.start({ statuses: [503] });
  const asked: unknown[] = [];
  const client = new WebSocketClient(
    async ({ attempt, error, signal }) => {
      expect(signal.aborted).toBe(false);
      asked.push([attempt, error?.code]);
      return `${server.url}?attempt=${attempt}`;
    },
    { ...atOnce, headers: ({ attempt }) => ({ authorization: `Bearer ${attempt}` }) },
  );
  await client.connect();
  (await server.next()).socket.terminate();
  await server.next();
  await client.close();
  expect(asked).toEqual([
    [1, undefined],
    [2, "CONNECTION_FAILED"],
    [3, "CONNECTION_LOST"],
  ]);
  expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ["/?attempt=1", "Bearer 1"],
    ["/?attempt=2", "Bearer 2"],
    ["/?attempt=3", "Bearer 3"],
  ]);
});

test("a URL function that fails is tried again if its error says so, and ends the client if not", async () => {
  await using server = await TestServer.start();
  let calls = 0;
  await using patient = new WebSocketClient(() => {
    if (++calls === 1) throw new ConnectionError("the token server is down");
    return server.url;
  }, atOnce);
  await patient.connect();
  expect(calls).toBe(2);

  const mistake = new Error("no token");
  const broken = new WebSocketClient(() => Promise.reject(mistake), atOnce);
  await expect(broken.connect()).rejects.toMatchObject({ code: "INTERNAL", cause: mistake });
  const wrong = new WebSocketClient(() => "http://wrong/", atOnce);
  await expect(wrong.connect()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("nobody there is tried again; a name that does not resolve is not, while it never did", async () => {
  await using refused = new WebSocketClient("ws://127.0.0.1:1/");
  refused.connect().catch(() => {});
  const [{ error }] = await next(refused, "retry");
  expect(error).toMatchObject({ code: "CONNECTION_REFUSED" });

  const typo = new WebSocketClient("ws://no-such-host.invalid/", {
    reconnect: { shouldRetry: ({ retry, error }) => retry && error.code === "NAME_NOT_FOUND" },
  });
  await expect(typo.connect()).rejects.toMatchObject({ details: { phase: "resolve" } });
});

test("what answers, but is no WebSocket server, ends a client that never was open", async () => {
  await using server = await TestServer.start({ statuses: [200] });
  const client = new WebSocketClient(server.url, atOnce);
  await expect(client.connect()).rejects.toMatchObject({ details: { status: 200 } });
});

test("once it was open, such an answer is taken for a trouble that passes", async () => {
  await using server = await TestServer.start();
  let portal: string | undefined;
  await using other = await TestServer.start({ statuses: [200] });
  await using client = new WebSocketClient(() => portal ?? server.url, atOnce);
  await client.connect();
  portal = other.url;
  (await server.next()).socket.terminate();
  await other.next();
  expect(other.requests).toHaveLength(2);
});

test("shouldRetry has the last word, either way", async () => {
  await using server = await TestServer.start();
  const failures: ConnectionFailure[] = [];
  await using client = new WebSocketClient(server.url, {
    reconnect: {
      min: 0,
      max: 0,
      shouldRetry: (failure) => failures.push(failure) === 1,
    },
  });
  await client.connect();
  (await server.next()).socket.close(4500, "for good");
  const { socket } = await server.next();
  const ended = next(client, "close");
  socket.close(1001);
  expect(await ended).toMatchObject([{ code: 1001, error: { code: "CONNECTION_LOST" } }]);
  expect(failures).toMatchObject([
    { attempt: 1, closeCode: 4500, retry: false },
    { attempt: 2, closeCode: 1001, retry: true },
  ]);
});

test("a shouldRetry that throws ends the client with its error", async () => {
  await using server = await TestServer.start({ statuses: [503] });
  const mistake = new Error("bug");
  const shouldRetry = (): never => {
    throw mistake;
  };
  const client = new WebSocketClient(server.url, { reconnect: { shouldRetry } });
  await expect(client.connect()).rejects.toMatchObject({ code: "INTERNAL", cause: mistake });
});

test("an attempt that takes too long is given up, whichever part of it hangs", async () => {
  const clock = new FakeClock();
  const sockets = new Set<Socket>();
  // Accepts TCP connections and never answers the handshake.
  const silent = createServer((socket) => sockets.add(socket.on("error", () => {})));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  let isSlow = true;
  await using client = new WebSocketClient(
    async () => {
      // Heeds no signal.
      if (isSlow) await new Promise(() => {});
      return `ws://127.0.0.1:${port}/`;
    },
    { ...atOnce, timeout: { connect: 3_000 }, clock },
  );
  client.connect().catch(() => {});
  const hung: RetryEvent[] = [];
  for (let i = 0; i < 2; i++) {
    const retried = next(client, "retry");
    await clock.advance(3_000);
    hung.push((await retried)[0]);
    isSlow = false;
  }
  expect(hung.map(({ error }) => error)).toMatchObject([
    { code: "TIMEOUT", kind: "connect", timeoutMs: 3_000 },
    { code: "TIMEOUT", kind: "connect", timeoutMs: 3_000 },
  ]);
  await client.close();
  expect(clock.pending).toBe(0);
  for (const socket of sockets) socket.destroy();
  silent.close();
});
