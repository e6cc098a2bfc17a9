import type { Schema } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { apiKey, basic, bearer, HTTPClient, type HTTPClientOptions } from "@net/http";
import { expect, test } from "vitest";
import { type LocalServer, serve } from "../local-server.ts";

interface Guarded {
  readonly server: LocalServer;
  /** What each request carried. */
  readonly seen: (string | undefined)[];
  /** What is let in. */
  good: string;
}

/** Lets in only who has the token. */
async function guarded(good: string): Promise<Guarded> {
  const seen: (string | undefined)[] = [];
  const state = { seen, good } as unknown as { server: LocalServer; seen: string[]; good: string };
  state.server = await serve((request, response) => {
    const { authorization } = request.headers;
    seen.push(authorization);
    response.writeHead(authorization === `Bearer ${state.good}` ? 200 : 401).end();
  });
  return state;
}

const client = ({ url }: LocalServer, options: HTTPClientOptions): HTTPClient =>
  new HTTPClient({ baseUrl: url, rng: { next: () => 0 }, ...options });

test.each([
  [
    "basic",
    basic({ username: "ann", password: "pä:ss" }),
    "/",
    { authorization: `Basic ${Buffer.from("ann:pä:ss").toString("base64")}` },
  ],
  ["a bearer token", bearer({ token: "abc.def" }), "/", { authorization: "Bearer abc.def" }],
  ["an API key", apiKey({ key: "k" }), "/", { "x-api-key": "k" }],
  [
    "an API key in a header of another name",
    apiKey({ key: "k", header: "Key" }),
    "/",
    { key: "k" },
  ],
  ["an API key in the query", apiKey({ key: "k 1", query: "key" }), "/?q=1&key=k+1", {}],
])("%s goes with each request", async (_name, auth, url, headers) => {
  const seen: unknown[] = [];
  await using server = await serve((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    response.end();
  });
  await using http = client(server, { auth });

  const answer = await http.get(url === "/" ? "/" : "/?q=1");

  expect(answer).toMatchObject({ redirected: false });
  expect(answer.url).not.toContain("key=");
  expect(seen).toMatchObject([{ url, headers }]);
});

test("a refused token is refreshed once for all calls, and each is sent once more, body and all", async () => {
  const state = await guarded("new");
  await using server = state.server;
  let refreshed = 0;
  const auth = bearer({
    token: "old",
    refresh: async () => {
      refreshed++;
      await settle();
      return "new";
    },
  });
  await using http = client(server, { auth });

  const answers = await Promise.all(Array.from({ length: 10 }, () => http.post("/", "body")));

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(refreshed).toBe(1);
  expect(await http.get("/")).toMatchObject({ status: 200 });
  expect(refreshed).toBe(1);
});

test("a token that is refused again is given back as it is: one more try, not an endless one", async () => {
  const state = await guarded("never");
  await using server = state.server;
  await using http = client(server, { auth: bearer({ token: "a", refresh: async () => "b" }) });

  expect(await http.get("/")).toMatchObject({ status: 401 });
  expect(state.seen).toEqual(["Bearer a", "Bearer b"]);
});

test("without refresh, or with a body that is gone, a 401 is the answer", async () => {
  const state = await guarded("x");
  await using server = state.server;
  await using plain = client(server, { auth: bearer({ token: "a" }) });
  await using fresh = client(server, { auth: bearer({ token: "a", refresh: async () => "x" }) });
  const once = (async function* () {
    yield "x";
  })();

  expect(await plain.get("/")).toMatchObject({ status: 401 });
  expect(await fresh.post("/", once)).toMatchObject({ status: 401 });
  expect(server.seen).toBe(2);
});

test("the first token is got when it is needed, and the next a little before it expires", async () => {
  const state = await guarded("t1");
  await using server = state.server;
  const clock = new FakeClock();
  let asked = 0;
  const refresh = async (): Promise<{ token: string; expiresInMs: number }> => ({
    token: `t${++asked}`,
    expiresInMs: 3_600_000,
  });
  await using http = client(server, { clock, auth: bearer({ refresh, clock }) });

  await Promise.all([http.get("/"), http.get("/")]);
  expect(asked).toBe(1);
  await clock.advance(3_600_000 - 30_001);
  await http.get("/");
  expect(asked).toBe(1);
  state.good = "t2";
  await clock.advance(1);
  expect(await http.get("/")).toMatchObject({ status: 200 });
  expect(asked).toBe(2);
});

test("a refresh that fails is an AuthenticationError that says why, for each that waited", async () => {
  const state = await guarded("x");
  await using server = state.server;
  const refresh = async (): Promise<string> => {
    throw new Error("the login is down");
  };
  await using http = client(server, { auth: bearer({ refresh }) });

  const outcomes = await Promise.allSettled([http.get("/"), http.get("/")]);

  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({
      reason: {
        code: "AUTHENTICATION_FAILED",
        message: expect.stringContaining("the login is down"),
      },
    });
  }
  expect(server.seen).toBe(0);
});

test("who gives up waiting for a token leaves the others waiting", async () => {
  const state = await guarded("x");
  await using server = state.server;
  const token = Promise.withResolvers<string>();
  await using http = client(server, { auth: bearer({ refresh: () => token.promise }) });
  const controller = new AbortController();
  const aborted = http.get("/", { signal: controller.signal }).catch(({ code }) => code);
  const waiting = http.get("/");

  controller.abort();
  expect(await aborted).toBe("ABORTED");
  token.resolve("x");

  expect(await waiting).toMatchObject({ status: 200 });
});

test("a refresh that never ends is ended", async () => {
  const state = await guarded("x");
  await using server = state.server;
  const clock = new FakeClock();
  const auth = bearer({ refresh: () => new Promise(() => {}), timeout: 1_000, clock });
  await using http = client(server, { clock, auth });

  const outcome = http.get("/").catch((error: unknown) => error);
  await clock.advance(1_000);

  expect(await outcome).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(clock.pending).toBe(0);
});

test("credentials go to the base's origin alone, also after a redirect and where the base may be left", async () => {
  const seen: unknown[] = [];
  await using other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  await using server = await serve((_, response) =>
    response.writeHead(302, { location: other.url }).end(),
  );
  await using http = client(server, { auth: bearer({ token: "secret" }), allowAbsoluteUrls: true });

  await http.get("/");
  await http.get(other.url);
  expect(seen).toEqual([undefined, undefined]);

  await http.get(other.url, { auth: bearer({ token: "meant" }) });
  await http.get(other.url, { headers: { authorization: "Own x" } });
  await http.get("/", { auth: bearer({ token: "first" }) });
  expect(seen.slice(2)).toEqual(["Bearer meant", "Own x", undefined]);
  expect(() => new HTTPClient({ auth: bearer({ token: "t" }) })).toThrow("auth needs a baseUrl");
});

test("a call may do without, and what the caller says goes before", async () => {
  const state = await guarded("x");
  await using server = state.server;
  await using http = client(server, { auth: bearer({ token: "x" }) });

  await http.get("/", { auth: false });
  await http.get("/", { headers: { Authorization: "Bearer mine" } });

  expect(state.seen).toEqual([undefined, "Bearer mine"]);
});

test.each<[string, () => unknown]>([
  ["a token with a line break", () => bearer({ token: "a\r\nb: c" })],
  ["no token and no way to get one", () => bearer({})],
  ["a user with a colon", () => basic({ username: "a:b", password: "" })],
  ["a key in two places", () => apiKey({ key: "k", header: "a", query: "b" })],
])("%s is refused, and not repeated", (_name, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(make).not.toThrow("b: c");
});

test.each<[string, HTTPClientOptions]>([
  ["credentials", { auth: { credentials: () => never } }],
  ["a jar", { cookies: { getCookieString: () => never, setCookie: () => {} } }],
  ["a hook", { hooks: { onRequest: () => never } }],
])("a call does not wait longer than it may for %s of the caller's", async (_name, options) => {
  const clock = new FakeClock();
  await using http = new HTTPClient({ baseUrl: "http://127.0.0.1:1", clock, ...options });
  const controller = new AbortController();

  const late = http.get("/", { timeout: 1_000 }).catch((error: unknown) => error);
  const given = http.get("/", { signal: controller.signal }).catch((error: unknown) => error);
  controller.abort();
  await clock.advance(1_000);

  expect(await late).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(await given).toMatchObject({ code: "ABORTED" });
  expect(clock.pending).toBe(0);
});

const never: Promise<never> = new Promise(() => {});

test("nor for a schema that never says what it thinks", async () => {
  const clock = new FakeClock();
  await using server = await serve((_, response) => response.end("1"));
  await using http = new HTTPClient({ baseUrl: server.url, clock });
  const asked = Promise.withResolvers<void>();
  const schema: Schema<number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => {
        asked.resolve();
        return never;
      },
    },
  };

  const outcome = http.get("/", { schema, timeout: 1_000 }).catch((error: unknown) => error);
  await asked.promise;
  await clock.advance(1_000);

  expect(await outcome).toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("a token of a life that is no number is no token", async () => {
  const auth = bearer({ refresh: async () => ({ token: "t", expiresInMs: Number.NaN }) });
  await using http = new HTTPClient({ baseUrl: "http://127.0.0.1:1", auth });

  await expect(http.get("/")).rejects.toMatchObject({
    code: "AUTHENTICATION_FAILED",
    message: expect.stringContaining("expiresInMs"),
  });
});
