import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { HTTPClient, type HTTPClientOptions } from "@net/http";
import { MockWire } from "@net/http/testing";
import { expect, test } from "vitest";
import { serve } from "../local-server.ts";

const to =
  (status: number, location: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, { location }).end("moved");

/** Tells back what came. */
const mirror: RequestListener = (request, response) =>
  void text(request).then((body) => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body }));
  });

interface Mirrored {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

test("a redirect is followed, relative to where it came from, and the answer says where it came from", async () => {
  await using server = await serve(to(302, "../b?x=1#part"), mirror);
  await using http = new HTTPClient({ headers: { "x-api-key": "k" } });

  const response = await http.get(`${server.url}/a/a`);

  expect(response).toMatchObject({ url: `${server.url}/b?x=1`, redirected: true, status: 200 });
  expect(response.json()).toMatchObject({ url: "/b?x=1", headers: { "x-api-key": "k" } });
});

test.each([
  [301, "POST", "GET", ""],
  [302, "POST", "GET", ""],
  [303, "PUT", "GET", ""],
  [303, "HEAD", "HEAD", ""],
  [301, "PUT", "PUT", "data"],
  [307, "POST", "POST", "data"],
  [308, "PATCH", "PATCH", "data"],
] as const)("%i of %s becomes %s with the body %j", async (status, method, becomes, body) => {
  const seen: Mirrored[] = [];
  await using server = await serve(to(status, "/b"), (request, response) => {
    void text(request).then((came) => {
      seen.push({ method: request.method ?? "", url: "", headers: request.headers, body: came });
      response.end();
    });
  });
  await using http = new HTTPClient();

  await http.request(method, server.url, method === "HEAD" ? {} : { body: "data" });

  expect(seen[0]).toMatchObject({ method: becomes, body });
  expect("content-type" in (seen[0]?.headers ?? {})).toBe(body !== "");
});

test("nothing but harmless headers follows to another origin, and what the caller names", async () => {
  await using other = await serve(mirror);
  await using server = await serve(to(307, `${other.url}/x`));
  const headers = {
    authorization: "Bearer secret",
    cookie: "a=b",
    "x-api-key": "k",
    "x-unheard-of": "secret too",
    "x-trace": "7",
    accept: "text/html",
  };
  await using http = new HTTPClient({ headers, redirect: { keepHeaders: ["X-Trace"] } });

  const { headers: sent, body } = (await http.post(server.url, "data")).json() as Mirrored;

  expect(Object.keys(sent).sort()).toEqual(
    [
      "accept",
      "accept-encoding",
      "connection",
      "content-length",
      "content-type",
      "host",
      "user-agent",
      "x-trace",
    ].sort(),
  );
  expect(body).toBe("data");
});

test("a loop ends, with the right error", async () => {
  await using server = await serve(to(302, "/again"));
  await using http = new HTTPClient();

  await expect(http.get(server.url)).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
    message: expect.stringContaining("was redirected more than 5 times, at last to"),
    attempts: 6,
  });
  await expect(http.get(server.url, { redirect: { max: 0 } })).rejects.toThrow("more than 0 times");
});

test.each([
  ["leads to no http or https URL", "file:///etc/passwd"],
  ["leads to no http or https URL", "http://["],
  ["carries a user or a password", "http://ann:pw@127.0.0.1:1/"],
])("a redirect that %s is refused: %s", async (why, location) => {
  await using server = await serve(to(302, location));
  await using http = new HTTPClient();

  await expect(http.get(server.url)).rejects.toThrow(why);
});

test("a redirect without a place, or of a body that is gone, is returned", async () => {
  await using server = await serve((_, response) => response.writeHead(302).end(), to(307, "/b"));
  await using http = new HTTPClient();

  expect(await http.get(server.url)).toMatchObject({ status: 302, redirected: false });
  const once = (async function* () {
    yield "x";
  })();
  expect(await http.post(server.url, once)).toMatchObject({ status: 307 });
});

test("304 is no redirect", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(304, { location: "/x" }).end(),
  );
  await using http = new HTTPClient();

  expect(await http.get(server.url)).toMatchObject({ status: 304 });
});

test("each hop is tried again for itself", async () => {
  await using server = await serve(
    (_, response) => response.writeHead(503).end(),
    to(302, "/b"),
    (_, response) => response.writeHead(503).end(),
    mirror,
  );
  await using http = new HTTPClient({ rng: { next: () => 0 } });

  expect(await http.get(server.url)).toMatchObject({ status: 200 });
});

test.each<HTTPClientOptions>([{ redirect: { max: -1 } }, { redirect: { max: 0.5 } }])(
  "the option %o is refused",
  (options) => {
    expect(() => new HTTPClient(options)).toThrow("redirect.max must be a whole number");
  },
);

test("https leads to http only where that is allowed", async () => {
  const mock = new MockWire()
    .on("GET", "https://a.example/", { status: 302, headers: { location: "http://a.example/b" } })
    .on("GET", "http://a.example/b", { body: "plain" });
  await using http = new HTTPClient({ wire: mock });

  await expect(http.get("https://a.example/")).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
    message: expect.stringContaining("leads from https to http"),
  });
  expect(mock.requests).toHaveLength(1);
  expect(
    await http.get("https://a.example/", { redirect: { allowDowngrade: true } }),
  ).toMatchObject({ text: "plain" });
});

test.each([
  ["in UTF-8", Buffer.from("/größe/日").toString("latin1")],
  ["in UTF-8, percent-encoded", "/gr%C3%B6%C3%9Fe/%E6%97%A5"],
])("a place %s is read as browsers do", async (_name, location) => {
  await using server = await serve(to(302, location), mirror);
  await using http = new HTTPClient();

  expect((await http.get(server.url)).json()).toMatchObject({
    url: "/gr%C3%B6%C3%9Fe/%E6%97%A5",
  });
});

test("several places are none; the same said twice is one", async () => {
  const mock = new MockWire()
    .on("GET", "/two", { status: 302, headers: { location: ["/b", "/c"] } })
    .on("GET", "/same", { status: 302, headers: { location: ["/b", "/b"] } })
    .on("GET", "/b", { body: "there" });
  await using http = mock.client();

  await expect(http.get("/two")).rejects.toThrow("leads to several places");
  expect((await http.get("/same")).text).toBe("there");
});
