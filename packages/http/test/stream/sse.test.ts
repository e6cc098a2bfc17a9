import type { ServerResponse } from "node:http";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient, type ServerSentEvent, type SseOptions } from "@net/http";
import { expect, test } from "vitest";
import { EventStreamParser } from "../../src/stream/event-stream.ts";
import { type LocalServer, serve } from "../local-server.ts";

const stream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });

async function collect(events: AsyncIterable<ServerSentEvent>): Promise<ServerSentEvent[]> {
  const all: ServerSentEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function parse(...pieces: string[]): ServerSentEvent[] {
  const parser = new EventStreamParser(1_000);
  return pieces.flatMap((piece) => parser.push(piece));
}

// The examples of the HTML standard, section 9.2.6, and its corner cases.
test.each<[string, string, object[]]>([
  [
    "several lines",
    "data: YHOO\ndata: +2\ndata: 10\n\n",
    [{ data: "YHOO\n+2\n10", event: "message" }],
  ],
  [
    "comments, ids, and the id that is taken away",
    ": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
    [
      { data: "first", id: "1" },
      { data: "second", id: "" },
      { data: " third", id: "" },
    ],
  ],
  [
    "no data, empty data, two empty lines of it",
    "data\n\ndata\ndata\n\ndata:",
    [{ data: "" }, { data: "\n" }],
  ],
  [
    "a space after the colon or none",
    "data:test\n\ndata: test\n\n",
    [{ data: "test" }, { data: "test" }],
  ],
  ["a type", "event: add\ndata: 1\n\ndata: 2\n\n", [{ event: "add" }, { event: "message" }]],
  ["a type without data", "event: add\n\n", []],
  ["carriage returns", "data: a\r\rdata: b\r\n\r\n", [{ data: "a" }, { data: "b" }]],
  ["a byte order mark", "\uFEFFdata: a\n\n", [{ data: "a" }]],
  [
    "an id with a NUL, and unknown fields",
    "id: a\0b\nfoo: x\ndata: a\n\n",
    [{ id: "", data: "a" }],
  ],
  ["an event without its end", "data: a\n\ndata: b", [{ data: "a" }]],
])("it reads %s", (_name, text, expected) => {
  expect(parse(text)).toMatchObject(expected);
  expect(parse(...text)).toMatchObject(expected);
  expect(parse(text)).toHaveLength(expected.length);
});

test("events come as they are sent, also when characters are cut in two", async () => {
  let send: ((bytes: Uint8Array) => void) | undefined;
  await using server = await serve((request, response) => {
    expect(request.headers.accept).toBe("text/event-stream");
    stream(response).flushHeaders();
    send = (bytes) => response.write(bytes);
    response.write('data: {"n":1}\n\n');
  });
  await using http = new HTTPClient();

  const events = http.sse(server.url);
  expect((await events.next()).value?.json()).toEqual({ n: 1 });
  const bytes = new TextEncoder().encode("id: 7\ndata: é\n\n");
  send?.(bytes.subarray(0, 13));
  setImmediate(() => send?.(bytes.subarray(13)));
  expect((await events.next()).value).toMatchObject({ data: "é", id: "7" });
  await events.return();

  await server.idle();
});

test("a POST with JSON is answered with events, and its end ends the loop", async () => {
  await using server = await serve((request, response) => {
    stream(response);
    request.on("data", (chunk) => response.write(`data: ${String(chunk)}\n\n`));
    request.on("end", () => response.end("data: [DONE]\n\n"));
  });
  await using http = new HTTPClient({ baseUrl: server.url });

  const events = await collect(http.sse("/v1", { method: "POST", json: { a: 1 } }));

  expect(events.map(({ data }) => data)).toEqual(['{"a":1}', "[DONE]"]);
  expect(() => events[1]?.json()).toThrow("the data of an event of type message is not JSON");
});

test.each([
  [
    "an answer outside 2xx",
    (response: ServerResponse) => response.writeHead(404, { connection: "close" }).end("no"),
    "HTTP_STATUS",
  ],
  [
    "an answer that is no event stream",
    (response: ServerResponse) =>
      response.writeHead(200, { "content-type": "text/html", connection: "close" }).end("<p>"),
    "PROTOCOL_ERROR",
  ],
  [
    "a connection that breaks",
    (response: ServerResponse) =>
      stream(response).write("data: a\n\n", () => response.socket?.resetAndDestroy()),
    "CONNECTION_LOST",
  ],
  [
    "an event without end",
    (response: ServerResponse) => stream(response).write("data: ".padEnd(3_000, "x")),
    "FRAME_TOO_LARGE",
  ],
])("%s is an error", async (_name, answer, code) => {
  await using server = await serve((_, response) => void answer(response));
  await using http = new HTTPClient();

  await expect(collect(http.sse(server.url, { maxEventBytes: 2_000 }))).rejects.toMatchObject({
    code,
  });
  await server.idle();
});

test("204 ends it without an event", async () => {
  await using server = await serve((_, response) => response.writeHead(204).end());
  await using http = new HTTPClient();

  expect(await collect(http.sse(server.url, { reconnect: true }))).toEqual([]);
});

async function reconnecting(server: LocalServer, options: SseOptions = {}): Promise<string[]> {
  await using http = new HTTPClient({ rng: { next: () => 0 }, maxRetries: 0 });
  const events = await collect(http.sse(server.url, { reconnect: { delay: 0 }, ...options }));
  return events.map(({ data }) => data);
}

test("where asked, it connects again after an end or a break, and says the last id", async () => {
  const ids: unknown[] = [];
  const note = (request: { headers: Record<string, unknown> }): number =>
    ids.push(request.headers["last-event-id"]);
  await using server = await serve(
    (request, response) => {
      note(request);
      stream(response).end("retry: 0\nid: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: lost");
    },
    (request, response) => {
      note(request);
      stream(response).write("data: c\n\n", () => response.socket?.resetAndDestroy());
    },
    (request, response) => {
      note(request);
      response.writeHead(503).end();
    },
    (request, response) => {
      note(request);
      response.writeHead(204).end();
    },
  );

  expect(await reconnecting(server)).toEqual(["a", "b", "c"]);
  expect(ids).toEqual([undefined, "2", "2", "2"]);
});

test("it gives up after so many times without an event, and at once on what does not pass", async () => {
  await using empty = await serve((_, response) => void stream(response).end());
  await using gone = await serve((_, response) => void response.writeHead(404).end());

  expect(await reconnecting(empty, { reconnect: { max: 3, delay: 0 } })).toEqual([]);
  expect(empty.seen).toBe(4);
  await expect(reconnecting(gone)).rejects.toMatchObject({ code: "HTTP_STATUS" });
  expect(gone.seen).toBe(1);
});

test("a wait before connecting again ends with the caller's signal", async () => {
  await using server = await serve(
    (_, response) => void stream(response).end("retry: 999999\ndata: a\n\n"),
  );
  await using http = new HTTPClient();
  const controller = new AbortController();
  const events = http.sse(server.url, { reconnect: true, signal: controller.signal });
  await events.next();

  const next = events.next().catch(({ code }) => code);
  controller.abort();

  expect(await next).toBe("ABORTED");
});

test("a body that is gone is not sent empty: the stream ends where it ends", async () => {
  await using server = await serve((request, response) => {
    request.resume().on("end", () => stream(response).end("data: a\n\n"));
  });
  const once = (async function* () {
    yield "x";
  })();

  expect(await reconnecting(server, { method: "POST", body: once })).toEqual(["a"]);
  expect(server.seen).toBe(1);
});

test("a server that says when to come back is obeyed", async () => {
  await using server = await serve(
    (_, response) => void response.writeHead(429, { "retry-after": "7" }).end(),
    (_, response) => void stream(response).end("data: a\n\n"),
    (_, response) => void response.writeHead(204).end(),
  );
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, maxRetries: 0, rng: { next: () => 0 } });
  const events = collect(http.sse(server.url, { reconnect: true }));

  await server.until(1);
  for (let i = 0; i < 50; i++) await settle();
  await clock.advance(6_999);
  expect(server.seen).toBe(1);
  await clock.advance(1);
  await server.until(2);
  while (server.seen < 3) await clock.advance(0);

  expect(await events).toHaveLength(1);
});

test("a long line in small pieces costs no more than its length", () => {
  const parser = new EventStreamParser(4_000_000);
  parser.push("data: ");
  for (let i = 0; i < 200_000; i++) parser.push("xxxxxxxxxx");

  expect(parser.push("\n\n")[0]?.data).toHaveLength(2_000_000);
});

test("an id beyond ASCII is said as the bytes that came", async () => {
  const ids: string[] = [];
  await using server = await serve(
    (_, response) => stream(response).end("retry: 0\nid: Grüße 日\ndata: a\n\n"),
    (request, response) => {
      ids.push(Buffer.from(String(request.headers["last-event-id"]), "latin1").toString());
      response.writeHead(204).end();
    },
  );

  expect(await reconnecting(server)).toEqual(["a"]);
  expect(ids).toEqual(["Grüße 日"]);
});

test.each([
  { maxEventBytes: Number.NaN },
  { reconnect: { max: Number.NaN } },
  { reconnect: { delay: -1 } },
])("the option %o is refused before anything is sent", async (options) => {
  await using http = new HTTPClient();

  await expect(collect(http.sse("http://127.0.0.1:1/", options))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});
