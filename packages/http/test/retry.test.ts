import type { RequestListener } from "node:http";
import { RateLimitError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient, type HTTPClientOptions } from "@net/http";
import { expect, test } from "vitest";
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
  await timers(clock, 4);

  controller.abort();
  await timers(clock, 2);
  await http.close();

  await ended;
  expect(clock.pending).toBe(0);
});
