import type { RequestListener, ServerResponse } from "node:http";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient, type HttpHooks } from "@net/http";
import { expect, test } from "vitest";
import { serve } from "../local-server.ts";

const status =
  (code: number): RequestListener =>
  (_, response) =>
    response.writeHead(code).end(String(code));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle();
}

test("a circuit opens for the origin that fails, not for another, and closes after a probe", async () => {
  let code = 500;
  await using bad = await serve((_, response) => response.writeHead(code).end());
  await using good = await serve(status(200));
  const clock = new FakeClock();
  await using http = new HTTPClient({
    clock,
    retry: false,
    breaker: { minimumCalls: 3, openFor: 1_000 },
  });

  for (let i = 0; i < 3; i++) await http.get(bad.url);
  const error = await http.get(bad.url).catch((cause: unknown) => cause);
  expect(error).toMatchObject({
    code: "CIRCUIT_OPEN",
    attempts: 0,
    details: { retryAfterMs: 1_000 },
  });
  expect(String(error)).toContain(bad.url);
  expect(bad.seen).toBe(3);
  expect(await http.get(good.url)).toMatchObject({ status: 200 });

  code = 200;
  await clock.advance(1_000);
  expect(await http.get(bad.url)).toMatchObject({ status: 200 });
  expect(await http.get(bad.url)).toMatchObject({ status: 200 });
});

test("an open circuit is not tried again, and aborts and 4xx do not open it", async () => {
  await using server = await serve(status(404));
  await using hanging = await serve(() => {});
  await using http = new HTTPClient({ breaker: { minimumCalls: 2 }, rng: { next: () => 0 } });

  for (let i = 0; i < 5; i++) expect(await http.get(server.url)).toMatchObject({ status: 404 });
  for (let i = 0; i < 5; i++) {
    const controller = new AbortController();
    const outcome = http.get(hanging.url, { signal: controller.signal }).catch(({ code }) => code);
    await hanging.until(i + 1);
    controller.abort();
    expect(await outcome).toBe("ABORTED");
  }
  const refused = "http://127.0.0.1:1/";
  const first = await http.get(refused).catch((cause: unknown) => cause);
  // The second try opens it, the third is not made.
  expect(first).toMatchObject({ code: "CIRCUIT_OPEN", attempts: 2 });
});

test("so many requests are under way to an origin, the others wait in turn", async () => {
  const open: ServerResponse[] = [];
  await using server = await serve((_, response) => void open.push(response));
  await using http = new HTTPClient({ maxConcurrency: { max: 2, maxQueued: 2 } });

  const calls = Array.from({ length: 4 }, (_, index) => http.get(`${server.url}/${index}`));
  await expect(http.get(server.url)).rejects.toMatchObject({ code: "OVERLOADED", attempts: 0 });
  await until(() => open.length === 2);
  open[0]?.end();
  await until(() => open.length === 3);
  expect(open[2]?.req.url).toBe("/2");
  open[1]?.end();
  await until(() => open.length === 4);
  for (const response of open) response.end();

  expect(await Promise.all(calls)).toHaveLength(4);
});

test("who gives up waiting makes room, and a stream counts until its end", async () => {
  await using server = await serve((_, response) => response.write("a"));
  await using http = new HTTPClient({ maxConcurrency: 1 });
  const stream = await http.stream(server.url);
  const controller = new AbortController();
  const waiting = http.get(server.url, { signal: controller.signal }).catch(({ code }) => code);
  for (let i = 0; i < 50; i++) await settle();
  expect(server.seen).toBe(1);

  controller.abort();
  expect(await waiting).toBe("ABORTED");
  await stream.close();

  await using next = await http.stream(server.url);
  expect(next.status).toBe(200);
});

test("a slow request is sent again, the first good answer taken, and the other ended", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = await serve((request) => {
    request.socket.once("close", ended.resolve);
  }, status(200));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, hedge: { delay: 100 } });

  const answer = http.get(server.url);
  await server.until(1);
  await clock.advance(99);
  expect(server.seen).toBe(1);
  await clock.advance(1);

  expect(await answer).toMatchObject({ status: 200 });
  expect(server.seen).toBe(2);
  await ended.promise;
  expect(clock.pending).toBe(0);
});

test("a quick answer costs no second request; a POST and a stream never do", async () => {
  await using server = await serve(status(200), () => {});
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, hedge: { delay: 100 } });

  await http.get(server.url);
  const post = http.post(server.url, "x", { timeout: 1_000 }).catch(({ code }) => code);
  const stream = http.stream(server.url, { timeout: 1_000 }).catch(({ code }) => code);
  await server.until(3);
  await clock.advance(1_000);

  expect([await post, await stream]).toEqual(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"]);
  expect(server.seen).toBe(3);
  expect(clock.pending).toBe(0);
});

test("a bad first answer waits for the other; a server that says when to come back gets no more", async () => {
  let late: ServerResponse | undefined;
  await using slow = await serve(
    (_, response) => {
      late = response;
    },
    () => {},
  );
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, retry: { max: 0 }, hedge: { delay: 100, max: 3 } });

  const answer = http.get(slow.url);
  await slow.until(1);
  await clock.advance(100);
  await slow.until(2);
  late?.writeHead(503, { "retry-after": "9" }).end();

  expect(await answer).toMatchObject({ status: 503 });
  await clock.advance(1_000);
  expect(slow.seen).toBe(2);
});

test("hedges cost the budget, and end with the call", async () => {
  await using server = await serve(() => {});
  const clock = new FakeClock();
  const budget = { minPerSecond: 0.1 };
  const heard: number[] = [];
  const hooks: HttpHooks = { onRequest: ({ attempt }) => void heard.push(attempt) };
  const hedge = { delay: 10, max: 4 };
  await using http = new HTTPClient({ clock, retry: { budget }, hedge, hooks });

  const answer = http.get(server.url, { timeout: 1_000 }).catch((error: unknown) => error);
  await server.until(1);
  for (let i = 0; i < 5; i++) await clock.advance(10);
  await server.until(2);
  await clock.advance(1_000);

  expect(await answer).toMatchObject({ code: "DEADLINE_EXCEEDED", attempts: 2 });
  expect(server.seen).toBe(2);
  expect(heard).toEqual([1, 2]);
  await server.idle();
  expect(clock.pending).toBe(0);
});

test.each([
  { hedge: { delay: -1 } },
  { hedge: { delay: 1, max: 9 } },
  { breaker: { failureRatio: 7 } },
  { maxConcurrency: 0 },
  { maxConnections: 0 },
])("the option %o is refused", (options) => {
  expect(() => new HTTPClient(options)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
