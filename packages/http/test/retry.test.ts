import type { RequestListener } from "node:http";
import { RateLimitError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient, type HTTPClientOptions } from "@net/http";
import { expect, test } from "vitest";
import { retryAfterMsOf } from "../src/policies/pushback.ts";
import { serve, serveRaw } from "./local-server.ts";

/** Jitter that always draws the shortest wait: retries come at once. */
const noWait: HTTPClientOptions = { rng: { next: () => 0 } };

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(code, headers).end(`status ${code}`);

/** Waits until as many timers are set, whatever the network does meanwhile. */
async function timers(clock: FakeClock, count: number): Promise<void> {
  while (clock.pending !== count) await settle();
}

test("503 twice and then 200 is a 200", async () => {
  await using server = await serve(status(503), status(503), status(200));
  await using http = new HTTPClient(noWait);

  expect(await http.get(server.url)).toMatchObject({ status: 200, text: "status 200" });
  expect(server.seen).toBe(3);
});

test.each([408, 425, 429, 500, 502, 503, 504, 529])("%i is tried again", async (code) => {
  await using server = await serve(status(code), status(204));
  await using http = new HTTPClient(noWait);

  expect(await http.get(server.url)).toMatchObject({ status: 204 });
});

test.each([400, 401, 403, 404, 409, 422])("%i is not", async (code) => {
  await using server = await serve(status(code));
  await using http = new HTTPClient(noWait);

  expect(await http.get(server.url)).toMatchObject({ status: code });
  expect(server.seen).toBe(1);
});

test("the last answer is returned when maxRetries are used up, or thrown where asked", async () => {
  await using server = await serve(status(503));
  await using http = new HTTPClient({ ...noWait, maxRetries: 2 });

  expect(await http.get(server.url)).toMatchObject({ status: 503 });
  expect(server.seen).toBe(3);
  await expect(http.get(server.url, { throwOnError: true })).rejects.toMatchObject({ status: 503 });
});

test("three retries are the default", async () => {
  await using server = await serve(status(503));
  await using http = new HTTPClient(noWait);

  await http.get(server.url);

  expect(server.seen).toBe(4);
});

test.each(["POST", "PATCH"])("%s is sent once, whatever is answered", async (method) => {
  await using server = await serve(status(503));
  await using http = new HTTPClient(noWait);

  expect(await http.request(method, server.url, { data: "x" })).toMatchObject({ status: 503 });
  expect(server.seen).toBe(1);
});

test("POST is sent once when the connection dies", async () => {
  await using server = await serveRaw((socket) => socket.resetAndDestroy());
  await using http = new HTTPClient(noWait);

  await expect(http.post(server.url, "x")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(server.seen).toBe(1);
});

test("PUT is sent again with its body when the connection dies", async () => {
  let bodies = "";
  await using server = await serve(
    (request) => request.socket.resetAndDestroy(),
    (request, response) => {
      request.on("data", (chunk) => {
        bodies += String(chunk);
      });
      request.on("end", () => response.end());
    },
  );
  await using http = new HTTPClient(noWait);

  expect(await http.put(server.url, "body")).toMatchObject({ status: 200 });
  expect(bodies).toBe("body");
});

test("Retry-After is obeyed to the millisecond, in seconds", async () => {
  await using server = await serve(status(429, { "retry-after": "7" }), status(200));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });

  const answer = http.get(server.url);
  await server.until(1);
  await timers(clock, 2);
  await clock.advance(6_999);
  expect(server.seen).toBe(1);
  await clock.advance(1);

  expect(await answer).toMatchObject({ status: 200 });
  expect(clock.pending).toBe(0);
});

test("Retry-After is obeyed as a date", async () => {
  const clock = new FakeClock();
  const date = new Date(clock.nowMs() + 20_000).toUTCString();
  await using server = await serve(status(503, { "retry-after": date }), status(200));
  await using http = new HTTPClient({ clock });

  const answer = http.get(server.url);
  await server.until(1);
  await timers(clock, 2);
  await clock.advance(19_999);
  expect(server.seen).toBe(1);
  await clock.advance(1);

  expect(await answer).toMatchObject({ status: 200 });
});

test("a Retry-After beyond the deadline ends the call at once", async () => {
  await using server = await serve(status(429, { "retry-after": "31" }));
  await using http = new HTTPClient({ clock: new FakeClock() });

  expect(await http.get(server.url)).toMatchObject({ status: 429 });
  await expect(http.get(server.url, { throwOnError: true })).rejects.toSatisfy(
    (error) => RateLimitError.is(error) && error.retryAfterMs === 31_000,
  );
  expect(server.seen).toBe(2);
});

test("the waits double from retryBackoff on", async () => {
  await using server = await serve(status(500));
  const clock = new FakeClock();
  await using http = new HTTPClient({
    clock,
    rng: { next: () => 1 },
    retryBackoff: 100,
    maxRetries: 2,
  });

  const answer = http.get(server.url);
  await server.until(1);
  await timers(clock, 2);
  await clock.advance(100);
  await server.until(2);
  await timers(clock, 2);
  await clock.advance(199);
  expect(server.seen).toBe(2);
  await clock.advance(1);

  expect(await answer).toMatchObject({ status: 500 });
  expect(server.seen).toBe(3);
});

test("a wait ends with the caller's signal, and with close", async () => {
  await using server = await serve(status(503, { "retry-after": "20" }));
  const clock = new FakeClock();
  const http = new HTTPClient({ clock });
  const controller = new AbortController();
  const aborted = http.get(server.url, { signal: controller.signal });
  const closed = http.get(server.url);
  const ended = expect(Promise.allSettled([aborted, closed])).resolves.toMatchObject([
    { reason: { code: "ABORTED" } },
    { reason: { code: "CLOSED" } },
  ]);
  await timers(clock, 3);

  controller.abort();
  await timers(clock, 2);
  await http.close();

  await ended;
  expect(clock.pending).toBe(0);
});

test.each(["POST", "PATCH"])(
  "%s is tried again with an idempotency key, each time the same",
  async (method) => {
    const keys: unknown[] = [];
    const note: RequestListener = (request) => keys.push(request.headers["idempotency-key"]);
    await using server = await serve(
      (request, response) => {
        note(request, response);
        response.writeHead(503).end();
      },
      (request) => {
        note(request, request as never);
        request.socket.resetAndDestroy();
      },
      (request, response) => {
        note(request, response);
        response.end();
      },
    );
    await using http = new HTTPClient(noWait);

    const answer = await http.request(method, server.url, { data: "x", idempotencyKey: true });

    expect(answer.status).toBe(200);
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
    await http.post(server.url, "x", { idempotencyKey: "order-7" });
    expect(keys[3]).toBe("order-7");
  },
);

test("POST is tried again where the caller says that it may be", async () => {
  await using server = await serve(status(503), status(200));
  await using http = new HTTPClient({ ...noWait, retry: { methods: ["post"] } });

  expect(await http.post(server.url, "x")).toMatchObject({ status: 200 });
});

test("POST is tried again when nothing of it was sent", async () => {
  const server = await serve(status(200));
  await server[Symbol.asyncDispose]();
  await using http = new HTTPClient({ ...noWait, maxRetries: 2 });

  const error = await http.post(server.url, "x").catch((cause: unknown) => cause);

  expect(error).toMatchObject({
    code: "CONNECTION_REFUSED",
    attempts: 3,
    details: { sent: false },
  });
});

test("what cannot be read twice is sent once, also by PUT", async () => {
  await using server = await serve(status(503));
  await using http = new HTTPClient(noWait);
  const once = async function* () {
    yield "x";
  };

  expect(await http.put(server.url, once())).toMatchObject({ status: 503 });
  expect(server.seen).toBe(1);
  expect(await http.put(server.url, once)).toMatchObject({ status: 503 });
  expect(server.seen).toBe(5);
});

test.each([
  ["retry-after-ms, which is finer", { "retry-after-ms": "1500", "retry-after": "9" }, 1_500],
  ["RateLimit, where nothing is left", { ratelimit: '"burst";r=5;t=20, "day";r=0;t=12' }, 12_000],
  ["RateLimit in whatever order it is written", { ratelimit: '"a"; t=7 ;r=0' }, 7_000],
  [
    "the window of RateLimit-Policy, where RateLimit does not say when",
    { ratelimit: '"a";r=0', "ratelimit-policy": '"b";q=9;w=60, "a";q=5;w=4' },
    4_000,
  ],
  ["RateLimit of draft 7", { ratelimit: "limit=9, remaining=0, reset=6" }, 6_000],
  ["RateLimit of an older draft", { "ratelimit-remaining": "0", "ratelimit-reset": "3" }, 3_000],
])("%s is obeyed", async (_name, headers, waitMs) => {
  await using server = await serve(status(429, headers), status(200));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });

  const answer = http.get(server.url);
  await server.until(1);
  await timers(clock, 2);
  await clock.advance(waitMs - 1);
  expect(server.seen).toBe(1);
  await clock.advance(1);

  expect(await answer).toMatchObject({ status: 200 });
});

test.each([
  ["nonsense", "soon"],
  ["a negative number", "-5"],
  ["a number beyond all sense", "9".repeat(40)],
])("a Retry-After of %s is no Retry-After", async (_name, value) => {
  await using server = await serve(status(503, { "retry-after": value }), status(200));
  await using http = new HTTPClient(noWait);

  expect(await http.get(server.url)).toMatchObject({ status: 200 });
});

test("x-should-retry says what the status does not", async () => {
  await using stop = await serve(status(503, { "x-should-retry": "false" }));
  await using go = await serve(status(409, { "x-should-retry": "true" }), status(200));
  await using http = new HTTPClient(noWait);

  expect(await http.get(stop.url)).toMatchObject({ status: 503 });
  expect(stop.seen).toBe(1);
  expect(await http.get(go.url)).toMatchObject({ status: 200 });
});

test("the budget of an origin stops retries when too much fails, and another origin has its own", async () => {
  await using bad = await serve(status(503));
  await using other = await serve(status(503));
  const budget = { minPerSecond: 0.2, ratio: 0.5 };
  await using http = new HTTPClient({ ...noWait, retry: { budget } });

  await http.get(bad.url);
  expect(bad.seen).toBe(3);
  await http.get(bad.url);
  expect(bad.seen).toBe(4);
  await http.get(other.url);
  expect(other.seen).toBe(3);
});

test("successes fill the budget again", async () => {
  await using server = await serve(status(503), status(503), status(200), status(503), status(200));
  const budget = { minPerSecond: 0.2, ratio: 1 };
  await using http = new HTTPClient({ ...noWait, retry: { budget } });

  expect(await http.get(server.url)).toMatchObject({ status: 200 });
  expect(await http.get(server.url)).toMatchObject({ status: 200 });
  expect(server.seen).toBe(5);
});

test("a call may have its own rules, or none", async () => {
  await using server = await serve(status(418));
  await using http = new HTTPClient(noWait);

  await http.get(server.url, { retry: { max: 1, statuses: [418] } });
  expect(server.seen).toBe(2);
  await http.get(server.url, { retry: false });
  expect(server.seen).toBe(3);
});

test("errors say how often it was tried", async () => {
  await using server = await serveRaw((socket) => socket.resetAndDestroy());
  await using http = new HTTPClient(noWait);

  const error = await http.get(server.url).catch((cause: unknown) => cause);

  expect(error).toMatchObject({ code: "CONNECTION_LOST", attempts: 4 });
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ details: { attempts: 4 } });
});

test("a stream is tried again until its head came, and never after its first byte", async () => {
  await using server = await serve(status(503), (_, response) => {
    response.write("first", () => response.socket?.resetAndDestroy());
  });
  await using http = new HTTPClient(noWait);

  const answer = await http.stream(server.url);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const chunk of answer) seen.push(Buffer.from(chunk).toString());
  })();

  await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(seen).toEqual(["first"]);
  expect(server.seen).toBe(2);
});

test.each([
  { retry: { max: -1 } },
  { retry: { backoff: -1 } },
  { retry: { budget: { ratio: -1 } } },
])("the option %o is refused", async (options) => {
  await using server = await serve(status(200));
  await expect((async () => new HTTPClient(options).get(server.url))()).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("a RateLimit of 16 KB that means no good is read at once", () => {
  const hostile = ";r=0".repeat(1_500) + " ".repeat(10_000);
  const startedAt = process.cpuUsage();

  expect(retryAfterMsOf({ ratelimit: hostile }, 0)).toBeUndefined();
  // A regular expression of the obvious kind takes minutes.
  expect(process.cpuUsage(startedAt).user).toBeLessThan(1_000_000);
});
