import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { silentLogger } from "@net/core";
import {
  HTTPClient,
  type HttpHooks,
  type TraceOutcome,
  type Tracing,
  traceContext,
} from "@net/http";
import { expect, test } from "vitest";
import { serve } from "../local-server.ts";

const quick = { rng: { next: () => 0 } };

test("hooks hear of requests, answers, retries and redirects, without queries", async () => {
  await using server = await serve(
    (_, response) => response.writeHead(503).end(),
    (_, response) => response.writeHead(302, { location: "/b?token=2" }).end(),
    (_, response) => response.end(),
  );
  const heard: unknown[] = [];
  const note = (name: string) => (event: object) => void heard.push([name, event]);
  const hooks: HttpHooks = {
    onRequest: note("request"),
    onResponse: note("response"),
    onRetry: note("retry"),
    onRedirect: note("redirect"),
  };
  await using http = new HTTPClient({ ...quick, hooks });

  await http.get(`${server.url}/a?token=1`);

  const a = { method: "GET", url: `${server.url}/a` };
  const b = { method: "GET", url: `${server.url}/b` };
  expect(heard).toMatchObject([
    ["request", { ...a, attempt: 1 }],
    ["response", { ...a, attempt: 1, status: 503 }],
    ["retry", { ...a, attempt: 1, delayMs: 0, status: 503 }],
    ["request", { ...a, attempt: 2 }],
    ["response", { ...a, attempt: 2, status: 302 }],
    ["redirect", { ...a, attempt: 2, status: 302, to: `${server.url}/b` }],
    ["request", { ...b, attempt: 3 }],
    ["response", { ...b, attempt: 3, status: 200 }],
  ]);
  expect(JSON.stringify(heard)).not.toContain("token=1");
});

test("a hook may add headers, each for itself, and hears of failures", async () => {
  let headers: unknown;
  await using server = await serve((request, response) => {
    headers = request.headers;
    response.end();
  });
  const errors: string[] = [];
  const hooks: HttpHooks[] = [
    { onRequest: async ({ attempt }) => ({ "x-attempt": String(attempt) }) },
    { onRequest: () => ({ "x-b": "2" }), onError: ({ error }) => errors.push(error.code) },
  ];
  await using http = new HTTPClient({ ...quick, hooks, maxRetries: 1 });

  await http.get(server.url);
  expect(headers).toMatchObject({ "x-attempt": "1", "x-b": "2" });
  await http.get("http://127.0.0.1:1/").catch(() => {});
  expect(errors).toEqual(["CONNECTION_REFUSED", "CONNECTION_REFUSED"]);
});

test("what a hook throws ends the call", async () => {
  await using server = await serve((_, response) => response.end());
  const hooks: HttpHooks = {
    onRequest: () => {
      throw new TypeError("my mistake");
    },
  };
  await using http = new HTTPClient({ hooks });

  await expect(http.get(server.url)).rejects.toMatchObject({
    code: "INTERNAL",
    cause: { message: "my mistake" },
  });
  expect(server.seen).toBe(0);
});

test("channels tell the same to whoever subscribes, and nobody pays who does not", async () => {
  await using server = await serve((_, response) => response.writeHead(500).end());
  await using http = new HTTPClient({ ...quick, maxRetries: 1 });
  const heard: string[] = [];
  const names = ["request", "response", "retry", "error"].map((name) => `net:http:${name}`);
  const listen = (message: unknown, name: string | symbol): void => {
    const { url } = message as { url: string };
    if (url.startsWith(server.url) || url.startsWith("http://127.0.0.1:1/"))
      heard.push(String(name).slice(9));
  };
  for (const name of names) subscribe(name, listen);
  try {
    await http.get(server.url);
    await http.get("http://127.0.0.1:1/", { retry: false }).catch(() => {});
  } finally {
    for (const name of names) unsubscribe(name, listen);
  }
  await http.get(server.url);

  expect(heard).toEqual([
    "request",
    "response",
    "retry",
    "request",
    "response",
    "request",
    "error",
  ]);
});

test("the logger gets a line for each answer, and warnings of retries and failures, without secrets", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(503, { "set-cookie": "a=secret" }).end(),
  );
  const lines: string[] = [];
  const write = (level: string) => (fields: object | string, message?: string) =>
    void lines.push(`${level} ${message ?? ""} ${JSON.stringify(fields)}`);
  const logger = { ...silentLogger, debug: write("debug"), warn: write("warn") };
  await using http = new HTTPClient({
    ...quick,
    logger,
    maxRetries: 1,
    headers: { authorization: "Bearer secret" },
  });

  await http.get(`${server.url}/?key=secret`);
  await http.get("http://127.0.0.1:1/?key=secret", { retry: false }).catch(() => {});

  expect(lines.map((line) => line.split(" {")[0])).toEqual([
    `debug GET ${server.url}/ was answered with status 503`,
    `warn GET ${server.url}/ is tried again in 0 ms`,
    `debug GET ${server.url}/ was answered with status 503`,
    "warn cannot GET http://127.0.0.1:1/: nobody listens there",
  ]);
  expect(lines.join()).not.toContain("secret");
});

test("each request carries a child of the current trace", async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    seen.push(request.headers.traceparent as string | undefined);
    response.writeHead(seen.length === 1 ? 503 : 200).end();
  });
  const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  let current: string | undefined = parent;
  await using http = new HTTPClient({ ...quick, tracing: traceContext(() => current) });

  await http.get(server.url);
  current = undefined;
  await http.get(server.url);
  current = "nonsense";

  expect(seen[0]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-01$/);
  expect(seen[1]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-01$/);
  expect(new Set([parent, seen[0], seen[1]]).size).toBe(3);
  expect(seen[2]).toBeUndefined();
  await expect(http.get(server.url)).rejects.toThrow("is no traceparent of version 00");
});

test("a trace of each try ends with what became of it", async () => {
  await using server = await serve(
    (_, response) => response.writeHead(503).end(),
    (request) => request.socket.destroy(),
  );
  const ended: TraceOutcome[] = [];
  const tracing: Tracing = {
    start: () => ({ headers: { "x-trace": "1" }, end: (outcome) => ended.push(outcome) }),
  };
  await using http = new HTTPClient({ ...quick, tracing, maxRetries: 1 });

  await http.get(server.url).catch(() => {});

  expect(ended).toMatchObject([{ status: 503 }, { error: { code: "CONNECTION_LOST" } }]);
});
