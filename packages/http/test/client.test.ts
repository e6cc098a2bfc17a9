import { text } from "node:stream/consumers";
import { ClosedError, RateLimitError, type Schema, ValidationError } from "@net/core";
import {
  createHttpClient,
  getHttpClient,
  HTTPClient,
  type HttpRateLimitError,
  HttpStatusError,
} from "@net/http";
import { expect, test } from "vitest";
import { type LocalServer, serve } from "./local-server.ts";

/** Tells back as JSON what a request was. */
function mirror(): Promise<LocalServer> {
  return serve((request, response) => {
    const { method, url, headers } = request;
    void text(request).then((body) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method, url, headers, body }));
    });
  });
}

test("get joins the base, adds the query and gives the answer whole", async () => {
  await using server = await mirror();
  await using http = new HTTPClient({
    baseUrl: `${server.url}/api`,
    headers: { "x-api-key": "k" },
  });

  const response = await http.get("/users", {
    query: { page: 2, tag: ["a", "b"], none: undefined },
  });

  expect(response).toMatchObject({ status: 200, statusCode: 200, ok: true, method: "GET" });
  expect(response.headers["content-type"]).toBe("application/json");
  expect(response.json()).toMatchObject({
    method: "GET",
    url: "/api/users?page=2&tag=a&tag=b",
    headers: { "x-api-key": "k", "user-agent": "net-http" },
    body: "",
  });
});

test.each([
  ["text", "hello", "text/plain;charset=UTF-8", "hello"],
  [
    "a form",
    new URLSearchParams({ a: "1 2" }),
    "application/x-www-form-urlencoded;charset=UTF-8",
    "a=1+2",
  ],
  ["json", { json: { a: 1 } }, "application/json", '{"a":1}'],
  ["bytes", new TextEncoder().encode("raw"), undefined, "raw"],
  ["no bytes", new Uint8Array(), undefined, ""],
] as const)("post sends %s", async (_name, data, type, body) => {
  await using server = await mirror();
  await using http = new HTTPClient({ baseUrl: server.url });

  const sent = (await http.post("/", data)).json() as {
    headers: Record<string, string>;
    body: string;
  };

  expect(sent.body).toBe(body);
  expect(sent.headers["content-type"]).toBe(type);
  expect(sent.headers["content-length"]).toBe(String(body.length));
});

test("put, delete and request send their method; a call's headers replace the client's", async () => {
  await using server = await mirror();
  await using http = createHttpClient({ baseUrl: server.url, headers: { Accept: "text/html" } });
  const method = async (answer: Promise<{ json(): unknown }>): Promise<unknown> =>
    ((await answer).json() as { method: unknown }).method;

  expect(await method(http.put("/", "x"))).toBe("PUT");
  expect(await method(http.delete("/"))).toBe("DELETE");
  expect(await method(http.request("patch", "/", { json: [] }))).toBe("PATCH");
  const response = await http.get("/", { headers: { ACCEPT: "text/plain" } });
  expect(response.json()).toMatchObject({ headers: { accept: "text/plain" } });
});

test("an answer outside 2xx is returned", async () => {
  await using server = await serve((_, response) => response.writeHead(404).end("nothing here"));
  await using http = new HTTPClient();

  const response = await http.get(server.url);

  expect(response).toMatchObject({
    status: 404,
    ok: false,
    text: "nothing here",
    jsonData: undefined,
  });
});

test("a redirect is returned where following is off", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(302, { location: "/x" }).end(),
  );
  await using http = new HTTPClient({ redirect: false });

  expect(await http.get(server.url)).toMatchObject({ status: 302, headers: { location: "/x" } });
  expect(server.seen).toBe(1);
});

test("with throwOnError it is an HttpStatusError with the answer, which stays out of logs", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(404, { "x-trace": "7" }).end("private"),
  );
  await using http = new HTTPClient({ throwOnError: true });

  const error = await http.get(`${server.url}/x`).catch((cause: unknown) => cause);

  expect(HttpStatusError.is(error, "HTTP_STATUS")).toBe(true);
  expect(error).toMatchObject({ retryable: false, attempts: 1, details: { status: 404 } });
  const { status, headers, text, body } = error as HttpStatusError;
  expect([status, headers["x-trace"], text, body.length]).toEqual([404, "7", "private", 7]);
  expect(JSON.stringify(error)).not.toContain("private");
  expect(await http.get(server.url, { throwOnError: false })).toMatchObject({ status: 404 });
});

test("with throwOnError a 429 is a RateLimitError that knows when to come back", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(429, { "retry-after": "120" }).end("slow down"),
  );
  await using http = new HTTPClient({ throwOnError: true });

  const error = await http.get(server.url).catch((cause: unknown) => cause);

  expect(RateLimitError.is(error, "RATE_LIMITED")).toBe(true);
  const { status, retryAfterMs, headers, text } = error as HttpRateLimitError;
  expect([status, retryAfterMs, headers["retry-after"], text]).toEqual([
    429,
    120_000,
    "120",
    "slow down",
  ]);
});

test.each([
  ["another origin", "http://127.0.0.1:1/api/x"],
  ["another host without a scheme", "//127.0.0.1:1/api/x"],
  ["another host with backslashes", "\\\\127.0.0.1:1\\api"],
  ["dots that leave the base", "../admin"],
  ["encoded dots that leave the base", "%2e%2e/admin"],
  ["another scheme", "file:///etc/passwd"],
])("%s is refused before anything is sent", async (_name, url) => {
  await using server = await mirror();
  await using http = new HTTPClient({ baseUrl: `${server.url}/api/` });

  await expect(http.get(url)).rejects.toSatisfy((error) => ValidationError.is(error));
  expect(server.seen).toBe(0);
});

test("an absolute URL under the base is fine", async () => {
  await using server = await mirror();
  await using http = new HTTPClient({ baseUrl: `${server.url}/api` });

  const response = await http.get(new URL(`${server.url}/api/x`));

  expect(response.json()).toMatchObject({ url: "/api/x" });
});

test.each([
  ["a relative URL without a base", (http: HTTPClient) => http.get("/x")],
  ["a password in the URL", (http: HTTPClient) => http.get("http://ann:pw@127.0.0.1:1/")],
  [
    "a line break in a header",
    (http: HTTPClient) => http.get("http://a/", { headers: { a: "b\r\nc: d" } }),
  ],
  [
    "a header that the client sets",
    (http: HTTPClient) => http.get("http://a/", { headers: { "Content-Length": "3" } }),
  ],
  ["data and json at once", (http: HTTPClient) => http.post("http://a/", "x", { json: 1 })],
  ["json that is none", (http: HTTPClient) => http.post("http://a/", { json: undefined })],
  ["json in circles", (http: HTTPClient) => http.post("http://a/", { json: globalThis })],
  ["a body of an unknown kind", (http: HTTPClient) => http.post("http://a/", { a: 1 } as never)],
  ["a time-out of 0", (http: HTTPClient) => http.get("http://a/", { timeout: 0 })],
  ["a method with a space", (http: HTTPClient) => http.request("GET /", "http://a/")],
  ["a method with a line break", (http: HTTPClient) => http.request("GET\r\nx", "http://a/")],
  ["no method", (http: HTTPClient) => http.request(undefined as never, "http://a/")],
  ["a file as URL", (http: HTTPClient) => http.get("file:///etc/passwd?pw@")],
  ["data as URL", (http: HTTPClient) => http.get("data:text/plain,x")],
  ["a query that is text", (http: HTTPClient) => http.get("http://a/", { query: "a=1" as never })],
  [
    "a query parameter that is an object",
    (http: HTTPClient) => http.get("http://a/", { query: { a: { b: 1 } as never } }),
  ],
  [
    "headers of the platform's kind, of which nothing would be sent",
    (http: HTTPClient) => http.get("http://a/", { headers: new Headers({ a: "b" }) as never }),
  ],
  [
    "a header name that begins another",
    (http: HTTPClient) => http.get("http://a/", { headers: { "a: b\r\nc": "d" } }),
  ],
  ["a signal that is none", (http: HTTPClient) => http.get("http://a/", { signal: {} as never })],
  ["a form that is text", (http: HTTPClient) => http.post("http://a/", { form: "a=1" as never })],
  [
    "parts that are text",
    (http: HTTPClient) => http.post("http://a/", { multipart: "a" as never }),
  ],
  ["options that are text", (http: HTTPClient) => http.get("http://a/", "x" as never)],
  ["options that are null", (http: HTTPClient) => http.get("http://a/", null as never)],
  ["a time-out of null", (http: HTTPClient) => http.get("http://a/", { timeout: null as never })],
  [
    "one status instead of a list",
    (http: HTTPClient) => http.get("http://a/", { retry: { statuses: 500 as never } }),
  ],
  ["an empty key", (http: HTTPClient) => http.post("http://a/", "", { idempotencyKey: "" })],
  [
    "a key with a line break",
    (http: HTTPClient) => http.post("http://a/", "", { idempotencyKey: "a\nb" }),
  ],
])("%s is a ValidationError without the secret", async (_name, call) => {
  await using http = new HTTPClient();

  const error = await call(http).catch((cause: unknown) => cause);

  expect(ValidationError.is(error)).toBe(true);
  expect(String(error)).not.toContain("pw@");
});

test.each([
  { maxRetries: -1 },
  { retryBackoff: Number.NaN },
  { maxBodyBytes: 0 },
  { timeout: -1 },
  { baseUrl: "/relative" },
  { baseUrl: "http://a/?q=1" },
  { headers: { "bad name": "x" } },
  "http://a/" as never,
  null as never,
  { cookies: "yes" as never },
  { hooks: 5 as never },
  { lookup: 5 as never },
  { ca: 5 as never },
  { auth: {} as never, baseUrl: "http://a/" },
  { retry: { methods: "POST" as never } },
  { network: "pubic" as never },
  { network: { allow: "public" as never } },
  { network: { deny: ["10.0.0.0/33"] } },
  { maxConcurrency: { max: 1, maxQueued: Number.NaN } },
  { maxConnections: 0.5 },
  { dnsTtl: -1 },
  { cache: { maxEntries: -1 } },
  { hedge: {} as never },
  { breaker: { probes: 0 } },
  { proxy: "ftp://a/" },
  { redirect: { max: -1 } },
  { auth: { credentials: () => ({}) } },
])("the option %o is refused when the client is made", (options) => {
  expect(() => new HTTPClient(options)).toThrow(ValidationError);
});

test("a closed client rejects with ClosedError, also what was under way, and leaves no connection", async () => {
  await using server = await serve(() => {});
  const http = new HTTPClient();
  const pending = http.get(server.url);
  const ended = expect(pending).rejects.toSatisfy((error) => ClosedError.is(error));
  await server.until(1);

  await http.close();
  await http.close();

  await ended;
  await server.idle();
  await expect(http.get(server.url)).rejects.toSatisfy((error) => ClosedError.is(error));
});

test("a hundred calls at once share kept-alive connections, and none is left after close", async () => {
  await using server = await serve((_, response) => response.end("ok"));
  const http = new HTTPClient();

  const answers = await Promise.all(Array.from({ length: 100 }, () => http.get(server.url)));
  const before = server.open;
  await http.get(server.url);

  expect(answers.every(({ text }) => text === "ok")).toBe(true);
  expect(server.open).toBe(before);
  await http.close();
  await server.idle();
});

test("getHttpClient gives everybody the same client, until somebody closes it", async () => {
  const first = getHttpClient();
  expect(getHttpClient()).toBe(first);

  await first.close();

  expect(getHttpClient()).not.toBe(first);
  await getHttpClient().close();
});

test("headers of one name are joined, cookies by lines, and none reaches a prototype", async () => {
  await using server = await serve((_, response) => {
    response.setHeader("vary", ["a", "b"]);
    response.setHeader("set-cookie", ["a=1, 2", "b=3"]);
    response.setHeader("__proto__", "x").end();
  });
  await using http = new HTTPClient();

  const { headers } = await http.get(server.url);

  expect(headers.vary).toBe("a, b");
  expect(headers["set-cookie"]).toBe("a=1, 2\nb=3");
  expect(Object.getPrototypeOf(headers)).toBeNull();
});

test("an error says what was called without its query", async () => {
  await using server = await serve((_, response) => response.writeHead(404).end("no"));
  await using http = new HTTPClient();
  const url = `${server.url}/x?name=private`;

  const thrown = await http.get(url, { throwOnError: true }).catch(String);

  expect(thrown).toContain(`GET ${server.url}/x was answered with status 404`);
  expect(thrown).not.toContain("private");
  const response = await http.get(url);
  expect(() => response.json()).toThrow(`GET ${server.url}/x (status 404) is not JSON`);
});

test("a client closed while a caller aborts tells each what happened to it", async () => {
  await using server = await serve(() => {});
  await using http = new HTTPClient();
  const controller = new AbortController();
  const aborted = http
    .get(server.url, { signal: controller.signal })
    .catch((cause: unknown) => cause);
  await server.until(1);

  controller.abort(new ClosedError("something else was closed"));

  expect(await aborted).toMatchObject({ code: "ABORTED" });
});

test("an error keeps no more of a body than 64 KiB", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(400).end("x".repeat(70_000)),
  );
  await using http = new HTTPClient({ throwOnError: true });

  const error = await http.get(server.url).catch((cause: unknown) => cause);

  expect((error as HttpStatusError).body).toHaveLength(64 * 1024);
  expect((error as HttpStatusError).body.buffer.byteLength).toBe(64 * 1024);
});

test("an absolute URL outside the base is called where allowed, without the client's headers", async () => {
  await using server = await mirror();
  await using http = new HTTPClient({
    baseUrl: "http://127.0.0.1:1/api",
    headers: { "x-api-key": "k", accept: "text/html" },
  });

  const response = await http.get(`${server.url}/x`, {
    allowAbsoluteUrls: true,
    headers: { "x-own": "1" },
  });

  const { headers } = response.json() as { headers: Record<string, string> };
  expect(headers).toMatchObject({ accept: "text/html", "x-own": "1" });
  expect(headers).not.toHaveProperty("x-api-key");
  await expect(http.get("../x", { allowAbsoluteUrls: true })).rejects.toThrow("does not lie under");
});

test("a schema checks the JSON of a good answer, and json() gives what it made of it", async () => {
  await using server = await serve(
    (_, response) => response.end('{"n":"7"}'),
    (_, response) => response.end('{"n":true}'),
    (_, response) => response.writeHead(404).end('{"error":1}'),
  );
  await using http = new HTTPClient();
  const schema = numberSchema();

  const good = await http.get(server.url, { schema });
  expect(good.json() satisfies number).toBe(7);
  await expect(http.get(server.url, { schema })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    issues: [{ message: "no number", path: ["n"] }],
    attempts: 1,
  });
  expect((await http.get(server.url, { schema })).json()).toEqual({ error: 1 });
});

function numberSchema(): Schema<number> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => {
        const n = Number((value as { n: unknown }).n);
        return typeof (value as { n: unknown }).n === "string"
          ? { value: n }
          : { issues: [{ message: "no number", path: ["n"] }] };
      },
    },
  };
}

test("patch and head send their method", async () => {
  await using server = await mirror();
  await using http = new HTTPClient({ baseUrl: server.url });

  expect((await http.patch("/", { json: 1 })).json()).toMatchObject({ method: "PATCH", body: "1" });
  expect(await http.head("/")).toMatchObject({ status: 200, text: "", method: "HEAD" });
});
