import { request as httpRequest } from "node:http";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { FakeClock } from "@net/core/testing";
import { afterEach, expect, test } from "vitest";
import { mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import { nodeHandler } from "../../src/mcp/offer/node-handler.ts";
import { type MeshMcpOptions, meshMcpServer } from "../../src/mcp/offer/options.ts";
import { type Mode, officialClient } from "./support/clients.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { HttpHost } from "./support/http.ts";
import { officialServer } from "./support/official-server.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** The mesh as an MCP server on loopback. */
async function serve(
  mesh: FakeMesh,
  options: MeshMcpOptions = {},
): Promise<{ url: URL; host: HttpHost; close: () => Promise<void> }> {
  const mcp = meshMcpServer(mesh, { executor: mesh, ...options });
  const host = new HttpHost(mcp.nodeHandler);
  open.push(host, mcp);
  return { url: await host.listen(), host, close: () => mcp.close() };
}

async function connect(url: URL, mode?: Mode): Promise<ReturnType<typeof officialClient>> {
  const client = officialClient(mode);
  await client.connect(new StreamableHTTPClientTransport(url));
  open.push({ [Symbol.asyncDispose]: () => client.close() });
  return client;
}

const eras: [string, Mode][] = [
  ["2026-07-28", { pin: "2026-07-28" }],
  ["2025-11-25", "legacy"],
];

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

test("cancelling over HTTP reaches the tool", async () => {
  const mesh = new FakeMesh();
  const begun = Promise.withResolvers<AbortSignal>();
  mesh.registerTool({ name: "forever" }, (_, { signal }) => {
    begun.resolve(signal);
    return new Promise(() => {});
  });
  const { url } = await serve(mesh);
  const client = await connect(url);
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

test("a change of the tools is told over HTTP", async () => {
  const mesh = new FakeMesh();
  const { url } = await serve(mesh);
  const client = await connect(url);
  let told = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => {
    told += 1;
  });
  await client.listTools();
  const subscription = await client.listen({ toolsListChanged: true });
  mesh.registerTool({ name: "new" }, () => 1);
  await expect.poll(() => told).toBe(1);
  await subscription.close();
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

test("tools of an official HTTP server are mounted, with progress, cancelling and changes", async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const handler = createMcpHandler(
    officialServer({ onCall: (tool, signal) => tool === "forever" && begun.resolve(signal) }),
  );
  await using host = new HttpHost(nodeHandler(handler.fetch, () => {}));
  const mesh = new FakeMesh();
  await using mounted = await mountMcp(mesh, { url: await host.listen() }, { prefix: "web." });
  const told: unknown[] = [];
  const onProgress = (value: unknown): void => void told.push(value);

  expect(mounted.tools).toContain("web.add");
  expect(await mesh.tools.execute("web.add", { a: 1, b: 2 })).toEqual({ sum: 3 });
  expect(await mesh.tools.execute("web.slow", {}, { onProgress })).toBe("done");
  expect(told).toHaveLength(2);
  const controller = new AbortController();
  const call = mesh.tools.run("web.forever", {}, { signal: controller.signal });
  const signal = await begun.promise;
  controller.abort();
  expect(await call).toMatchObject({ fate: "given-up" });
  await expect.poll(() => signal.aborted).toBe(true);
  await handler.close();
});

test("news that stopped coming are asked for again, and what changed meanwhile is seen", async () => {
  const theirs = new FakeMesh();
  const { url, host } = await serve(theirs);
  const clock = new FakeClock();
  const ours = new FakeMesh();
  await using mounted = await mountMcp(ours, { url }, { clock });
  theirs.registerTool({ name: "first" }, () => 1);
  await expect.poll(() => mounted.tools).toEqual(["first"]);
  host.cut();
  theirs.registerTool({ name: "second" }, () => 2);
  await expect.poll(() => clock.pending).toBe(1);
  await clock.advance(1_000);
  await expect.poll(() => mounted.tools).toEqual(["first", "second"]);
});

test("a message that is too large fails its call, by itself or in a stream of events", async () => {
  const theirs = new FakeMesh();
  theirs.registerTool({ name: "large" }, () => "x".repeat(20_000));
  theirs.registerTool({ name: "told" }, (_, { progress }) => {
    progress(1);
    return "x".repeat(20_000);
  });
  theirs.registerTool({ name: "small" }, (_, { progress }) => {
    for (let step = 1; step <= 100; step++) progress(step);
    return "x".repeat(1_000);
  });
  const { url } = await serve(theirs);
  const ours = new FakeMesh();
  await using _mounted = await mountMcp(ours, { url, maxMessageBytes: 10_000 });

  expect(await ours.tools.run("large", {})).toMatchObject({ error: { code: "FRAME_TOO_LARGE" } });
  expect(await ours.tools.run("told", {})).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  expect(await ours.tools.run("small", {})).toMatchObject({ ok: true });
});

test.each(["its own client", "a client handed in"])(
  "a server that dies during a call fails it, whether or not its answer had begun (%s)",
  async (whose) => {
    const theirs = new FakeMesh();
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    theirs.registerTool({ name: "silent" }, () => {
      begun[0].resolve();
      return new Promise(() => {});
    });
    theirs.registerTool({ name: "telling" }, (_, { progress }) => {
      progress(1);
      return new Promise(() => {});
    });
    const { url, host } = await serve(theirs);
    const ours = new FakeMesh();
    await using _mounted = await mountMcp(
      ours,
      whose === "its own client" ? { url } : await connect(url),
    );
    const silent = ours.tools.run("silent", {});
    const telling = ours.tools.run("telling", {}, { onProgress: () => begun[1].resolve() });
    await Promise.all(begun.map(({ promise }) => promise));
    host.cut();

    expect(await silent).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
    expect(await telling).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  },
);

test("an HTTP server that is not there is CONNECTION_REFUSED", async () => {
  const host = new HttpHost(() => {});
  const url = await host.listen();
  await host[Symbol.asyncDispose]();
  await expect(mountMcp(new FakeMesh(), { url })).rejects.toMatchObject({
    code: "CONNECTION_REFUSED",
  });
});
