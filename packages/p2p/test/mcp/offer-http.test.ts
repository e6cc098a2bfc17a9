import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { eras } from "./support/offer.ts";
import { connect, serve } from "./support/serving.ts";

test.each(eras)(
  "the official client lists and calls over HTTP, with progress (%s)",
  async (_, mode) => {
    const mesh = new FakeMesh();
    const outputSchema = { type: "object", properties: { n: { type: "number" } } };
    mesh.peer("b").register({ name: "count", outputSchema }, (__, { progress }) => {
      progress(1);
      progress(2);
      return { n: 3 };
    });
    const { url } = await serve(mesh);
    const client = await connect(url, mode);
    const seen: unknown[] = [];

    expect((await client.listTools()).tools).toMatchObject([{ name: "count", outputSchema }]);
    const result = await client.callTool({ name: "count" }, { onprogress: (p) => seen.push(p) });
    expect(result.structuredContent).toEqual({ n: 3 });
    expect(seen).toEqual([{ progress: 1 }, { progress: 2 }]);
  },
);

test.each(eras)("cancelling over HTTP reaches the tool (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const begun = Promise.withResolvers<AbortSignal>();
  mesh.registerTool({ name: "forever" }, (__, { signal }) => {
    begun.resolve(signal);
    return new Promise(() => {});
  });
  const { url } = await serve(mesh);
  const client = await connect(url, mode);
  const controller = new AbortController();
  const call = client.callTool({ name: "forever" }, { signal: controller.signal });
  const failed = expect(call).rejects.toThrow();
  const signal = await begun.promise;
  controller.abort();
  await failed;
  await expect.poll(() => signal.aborted).toBe(true);
});

test.each(eras)("a client that hangs up cancels its call (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const begun = Promise.withResolvers<AbortSignal>();
  mesh.registerTool({ name: "forever" }, (__, { signal, progress }) => {
    progress(1);
    begun.resolve(signal);
    return new Promise(() => {});
  });
  const { url, host } = await serve(mesh);
  const client = await connect(url, mode);
  const call = client.callTool({ name: "forever" }, { timeout: 1_000 });
  const failed = expect(call).rejects.toThrow();
  const signal = await begun.promise;
  host.cut();
  await client.close();
  await failed;
  await expect.poll(() => signal.aborted).toBe(true);
});

test.each(eras)("a change of the tools is told over HTTP (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const { url } = await serve(mesh);
  const hears = Promise.withResolvers<void>();
  const client = await connect(url, mode, async (input, init) => {
    const answer = await fetch(input, init);
    if (init?.method === "GET" && answer.ok) hears.resolve();
    return answer;
  });
  let told = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => {
    told += 1;
  });
  await client.listTools();
  // Since 2026 a client asks for news; before, it listens by itself.
  const news = mode === "legacy" ? undefined : await client.listen({ toolsListChanged: true });
  if (!news) await hears.promise;
  mesh.registerTool({ name: "new" }, () => 1);
  await expect.poll(() => told).toBe(1);
  await news?.close();
});

async function ask(url: URL, headers: Record<string, string>, body = "{}"): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const all = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const request = httpRequest(url, { method: "POST", headers: { ...all, ...headers } });
  request.once("response", (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  request.once("error", reject);
  request.end(body);
  return await promise;
}

test("a page whose name was resolved to this machine gets nothing", async () => {
  const { url } = await serve(new FakeMesh());
  expect(await ask(url, { host: "evil.example" })).toBe(403);
  expect(await ask(url, { origin: "https://evil.example" })).toBe(403);
  expect(await ask(url, { origin: "http://localhost:5173" })).not.toBe(403);
});

test("a token is asked of everybody, and other hosts are served where there is one", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "t" }, () => "ok");
  const token = "a-token-of-sixteen-or-more";
  const { url } = await serve(mesh, { token, allowedHosts: ["mesh.example", "127.0.0.1"] });

  expect(await ask(url, {})).toBe(401);
  expect(await ask(url, { authorization: `Bearer ${token}x` })).toBe(401);
  expect(await ask(url, { authorization: token })).toBe(401);
  expect(await ask(url, { authorization: `Bearer ${token}`, host: "mesh.example" })).toBe(400);
  expect(await ask(url, { authorization: `Bearer ${token}`, host: "localhost" })).toBe(403);

  const outside = new FakeMesh();
  await expect(mountMcp(outside, { url })).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  await using mounted = await mountMcp(outside, {
    url,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(mounted.tools).toEqual(["t"]);
  expect(await outside.tools.execute("t", {})).toBe("ok");
});

test("who may ask can be said by a function", async () => {
  const authorize = async ({ headers }: Request): Promise<boolean> =>
    headers.get("x-user") === "ada";
  const { url } = await serve(new FakeMesh(), { authorize, allowedHosts: ["127.0.0.1"] });
  expect(await ask(url, {})).toBe(401);
  expect(await ask(url, { "x-user": "ada" })).toBe(400);
});

test("a request that is too large, no JSON, or none is answered and costs nothing", async () => {
  const { url } = await serve(new FakeMesh(), { maxMessageBytes: 1_000 });
  expect(await ask(url, {}, `{"a":"${"x".repeat(2_000)}"}`)).toBe(413);
  expect(await ask(url, {}, "not json")).toBe(400);
  expect(await ask(url, { "content-type": "text/plain" })).toBe(415);
});

test.each(eras)("closing ends calls that are under way (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const begun = Promise.withResolvers<AbortSignal>();
  mesh.registerTool({ name: "forever" }, (__, { signal }) => {
    begun.resolve(signal);
    return new Promise(() => {});
  });
  const { url, close, host } = await serve(mesh);
  const client = await connect(url, mode);
  const ended = client.callTool({ name: "forever" }, { timeout: 1_000 }).then(String, String);
  const signal = await begun.promise;
  await close();
  expect(signal.aborted).toBe(true);
  host.cut();
  await client.close();
  await ended;
});

test("after closing nothing is served", async () => {
  const mesh = new FakeMesh();
  const { url, close } = await serve(mesh);
  await close();
  expect(await ask(url, {})).toBe(503);
});
