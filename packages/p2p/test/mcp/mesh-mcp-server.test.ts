import { settle } from "@net/core/testing";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { MeshMcpServer } from "../../src/mcp/offer/mesh-mcp-server.ts";
import { type MeshMcpOptions, meshMcpServer } from "../../src/mcp/offer/options.ts";
import { clientOf, type Mode } from "./support/clients.ts";
import { FakeMesh } from "./support/fake-mesh.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each[Symbol.asyncDispose]()));
});

function offer(mesh: FakeMesh, options: MeshMcpOptions = {}): MeshMcpServer {
  const server = meshMcpServer(mesh, { executor: mesh, ...options });
  open.push(server);
  return server;
}

const eras: [string, Mode][] = [
  ["2026-07-28", { pin: "2026-07-28" }],
  ["2025-11-25", "legacy"],
];
interface Terms {
  readonly a: number;
  readonly b: number;
}
const sum = { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] };

test.each(eras)(
  "the tools of all peers are listed with all that is known of them (%s)",
  async (_, mode) => {
    const mesh = new FakeMesh();
    mesh.registerTool({ name: "bare" }, () => 1);
    mesh.peer("b").register(
      {
        ...{ name: "add", title: "Add", description: "Adds", idempotent: true },
        inputSchema: z.object({ a: z.number() }),
        outputSchema: sum,
        annotations: { readOnlyHint: true },
      },
      () => ({ sum: 1 }),
    );
    const client = await clientOf(offer(mesh), mode);

    const { tools } = await client.listTools();
    expect(tools).toEqual([
      {
        ...{ name: "add", title: "Add", description: "Adds", outputSchema: sum },
        inputSchema: expect.objectContaining({
          type: "object",
          properties: { a: { type: "number" } },
        }),
        annotations: { readOnlyHint: true, idempotentHint: true },
      },
      { name: "bare", inputSchema: { type: "object" } },
    ]);
  },
);

test.each(eras)(
  "structured results come as such, and as text for those who know no better (%s)",
  async (_, mode) => {
    const mesh = new FakeMesh();
    mesh.registerTool<Terms>({ name: "add", outputSchema: sum }, ({ a, b }) => ({ sum: a + b }));
    mesh.registerTool({ name: "loose" }, () => ({ any: [1] }));
    const client = await clientOf(offer(mesh), mode);
    await client.listTools();

    expect(await client.callTool({ name: "add", arguments: { a: 1, b: 2 } })).toMatchObject({
      content: [{ type: "text", text: '{"sum":3}' }],
      structuredContent: { sum: 3 },
    });
    expect(await client.callTool({ name: "loose" })).toMatchObject({
      structuredContent: { any: [1] },
    });
  },
);

test("any JSON value is a structured result", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "list", outputSchema: { type: "array" } }, () => [1, "a", null]);
  mesh.registerTool({ name: "none", outputSchema: { type: "null" } }, () => null);
  const client = await clientOf(offer(mesh));
  await client.listTools();

  expect((await client.callTool({ name: "list" })).structuredContent).toEqual([1, "a", null]);
  expect((await client.callTool({ name: "none" })).structuredContent).toBeNull();
});

test("a client of 2025 gets what is no object in an object, as it must", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "list", outputSchema: { type: "array" } }, () => [1]);
  const client = await clientOf(offer(mesh), "legacy");

  expect((await client.listTools()).tools[0]?.outputSchema).toMatchObject({ type: "object" });
  expect(await client.callTool({ name: "list" })).toMatchObject({
    structuredContent: { result: [1] },
  });
});

test("texts, bytes, images and nothing are content", async () => {
  const mesh = new FakeMesh();
  const data = new Uint8Array([1, 2, 3]);
  const image = { type: "image", data, mimeType: "image/png" };
  const file = { type: "resource", resource: { uri: "file:///a", blob: data } };
  mesh.registerTool({ name: "text" }, () => "hello");
  mesh.registerTool({ name: "bytes" }, () => data);
  mesh.registerTool({ name: "image" }, () => ({ content: [image, file] }));
  mesh.registerTool({ name: "nothing" }, () => undefined);
  mesh.registerTool({ name: "alike" }, () => ({ content: [{ type: "video", data }] }));
  const client = await clientOf(offer(mesh));
  const call = async (name: string): Promise<unknown> => {
    const { content, structuredContent } = await client.callTool({ name });
    return { content, structuredContent };
  };

  expect(await call("text")).toEqual({ content: [{ type: "text", text: "hello" }] });
  expect(await call("bytes")).toMatchObject({ content: [{ resource: { blob: "AQID" } }] });
  expect(await call("image")).toEqual({
    content: [
      { type: "image", data: "AQID", mimeType: "image/png" },
      { type: "resource", resource: { uri: "file:///a", blob: "AQID" } },
    ],
  });
  expect(await call("nothing")).toEqual({ content: [] });
  expect(await call("alike")).toMatchObject({
    structuredContent: { content: [{ type: "video", data: "AQID" }] },
  });
});

test("what fails in the mesh is a result that says so, for the model, and its code", async () => {
  const mesh = new FakeMesh();
  const inputSchema = { type: "object", required: ["city"] };
  mesh.registerTool({ name: "weather", inputSchema }, () => {
    throw new Error("no satellite");
  });
  const client = await clientOf(offer(mesh));

  expect(await client.callTool({ name: "weather", arguments: {} })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('"city"') }],
    _meta: { "net.mesh/code": "INVALID_ARGUMENT" },
  });
  expect(await client.callTool({ name: "weather", arguments: { city: "Rome" } })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("no satellite") }],
    _meta: { "net.mesh/code": "REMOTE_ERROR", "net.mesh/retryable": false },
  });
});

test("a tool nobody has is a protocol error, -32602", async () => {
  const client = await clientOf(offer(new FakeMesh()));
  await expect(client.callTool({ name: "no" })).rejects.toMatchObject({
    ...{ code: -32_602, message: expect.stringContaining("Unknown tool: no") },
  });
});

test.each(eras)("progress goes through, as numbers that grow (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "train" }, (__, { progress }) => {
    progress({ progress: 0.5, total: 4, message: "warm" });
    progress(2);
    progress(1);
    progress("almost");
    progress({ epoch: 3 });
    return "done";
  });
  const client = await clientOf(offer(mesh), mode);
  const seen: unknown[] = [];
  await client.callTool({ name: "train" }, { onprogress: (progress) => seen.push(progress) });

  expect(seen).toEqual([
    { progress: 0.5, total: 4, message: "warm" },
    { progress: 2 },
    { progress: 3, message: "almost" },
    { progress: 4, message: '{"epoch":3}' },
  ]);
});

test("what a tool streams is told as progress, and is the result if it returns nothing", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "poem" }, async function* () {
    yield "roses ";
    yield "are red";
  });
  mesh.registerTool({ name: "rows" }, async function* () {
    yield { row: 1 };
    return null;
  });
  mesh.registerTool({ name: "chart" }, async function* () {
    yield { content: [{ type: "image", data: new Uint8Array([1]), mimeType: "image/png" }] };
    return { points: 9 };
  });
  const client = await clientOf(offer(mesh));
  const seen: unknown[] = [];
  const onprogress = (progress: unknown): void => void seen.push(progress);

  expect(await client.callTool({ name: "poem" }, { onprogress })).toMatchObject({
    content: [{ text: "roses are red" }],
  });
  expect(seen).toMatchObject([{ message: "roses " }, { message: "are red" }]);
  expect(await client.callTool({ name: "rows" })).toMatchObject({
    structuredContent: [{ row: 1 }],
  });
  expect(await client.callTool({ name: "chart" })).toMatchObject({
    content: [{ type: "text" }, { type: "image", data: "AQ==" }],
    structuredContent: { points: 9 },
  });
});

test.each(eras)("cancelling reaches the tool (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const cancelled = Promise.withResolvers<unknown>();
  const begun = Promise.withResolvers<void>();
  mesh.peer("b").register({ name: "forever" }, (__, { signal }) => {
    signal.addEventListener("abort", () => cancelled.resolve("cancelled"));
    begun.resolve();
    return new Promise(() => {});
  });
  const client = await clientOf(offer(mesh), mode);
  const controller = new AbortController();
  const call = client.callTool({ name: "forever" }, { signal: controller.signal });
  await begun.promise;
  controller.abort("enough");

  await expect(call).rejects.toThrow("enough");
  expect(await cancelled.promise).toBe("cancelled");
});

test("the trace goes through, and nothing else that a client says of itself", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "t" }, () => 1);
  const client = await clientOf(offer(mesh));
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
  await client.callTool({ name: "t", _meta: { traceparent, caller: "root" } });
  expect(mesh.lastContext).toEqual({ traceparent, labels: { "mcp-depth": "1" } });
  await client.callTool({ name: "t", _meta: { traceparent: "x\ny" } });
  expect(mesh.lastContext).toEqual({ labels: { "mcp-depth": "1" } });
});

test("a call that goes round in circles comes to an end", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "t" }, () => 1);
  const client = await clientOf(offer(mesh));
  const call = (depth: unknown): Promise<unknown> =>
    client.callTool({ name: "t", _meta: { "net.mesh/depth": depth } });

  expect(await call(7)).not.toHaveProperty("isError");
  expect(await call(8)).toMatchObject({ isError: true, _meta: { "net.mesh/code": "CONFLICT" } });
  expect(await call("8")).not.toHaveProperty("isError");
});

test("tools that peers agree upon are one; where they differ each has its own", async () => {
  const mesh = new FakeMesh();
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const sameSchema = { properties: { a: { type: "string" } }, type: "object" };
  mesh.peer("b").register({ name: "same", inputSchema: schema }, () => "b");
  mesh.peer("c").register({ name: "same", inputSchema: sameSchema }, () => "c");
  mesh.registerTool({ name: "differs" }, () => "here");
  mesh.peer("d").register({ name: "differs", inputSchema: schema }, (args) => ({ d: args }));
  const client = await clientOf(offer(mesh));

  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["d.differs", "here.differs", "same"]);
  expect(await client.callTool({ name: "same" })).toMatchObject({ content: [{ text: "b" }] });
  const args = { a: "x" };
  expect(await client.callTool({ name: "d.differs", arguments: args })).toMatchObject({
    structuredContent: { d: args },
  });
});

test("with names per peer, a call goes to that peer, with its progress and stream", async () => {
  const mesh = new FakeMesh();
  mesh.peer("b").register({ name: "t" }, async function* (_, { progress }) {
    progress(1);
    yield "chunk";
    return "b";
  });
  mesh.peer("c").register({ name: "t" }, () => Promise.reject(new Error("c is ill")));
  const client = await clientOf(offer(mesh, { naming: "per-peer" }));
  const seen: unknown[] = [];

  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["b.t", "c.t"]);
  const result = await client.callTool({ name: "b.t" }, { onprogress: (p) => seen.push(p) });
  expect(result).toMatchObject({ content: [{ text: "b" }] });
  expect(seen).toEqual([{ progress: 1 }, { progress: 2, message: "chunk" }]);
  expect(await client.callTool({ name: "c.t" })).toMatchObject({ isError: true });
});

test("names that MCP does not have are changed so that they still differ", async () => {
  const mesh = new FakeMesh();
  for (const name of ["wörd count", "wärd count", "x".repeat(128)]) {
    mesh.peer(`of ${name.length}${name[1]}`).register({ name }, () => name);
  }
  const client = await clientOf(offer(mesh, { naming: "per-peer" }));
  const { tools } = await client.listTools();

  expect(new Set(tools.map(({ name }) => name)).size).toBe(3);
  for (const { name } of tools) {
    expect(name).toMatch(/^[A-Za-z0-9_.-]{1,128}$/);
    expect(await client.callTool({ name })).not.toHaveProperty("isError");
  }
});

test("arguments that are no object are given in one", async () => {
  const mesh = new FakeMesh();
  const inputSchema = { $ref: "#/$defs/n", $defs: { n: { type: "number" } } };
  mesh.registerTool<number>({ name: "double", inputSchema }, (n) => 2 * n);
  const choice = { anyOf: [{ type: "object", required: ["a"] }, { type: "object" }] };
  mesh.registerTool({ name: "choice", inputSchema: choice }, (args) => args);
  const client = await clientOf(offer(mesh));

  const { tools } = await client.listTools();
  expect(tools).toMatchObject([
    { name: "choice", inputSchema: { type: "object", anyOf: choice.anyOf } },
    { name: "double", inputSchema: { type: "object", required: ["value"] } },
  ]);
  expect(await client.callTool({ name: "double", arguments: { value: 4 } })).toMatchObject({
    structuredContent: 8,
  });
});

test("a tool that asks for a permission is offered only if it was granted", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "shell", permission: "shell" }, () => 1);
  mesh.registerTool({ name: "web", permission: "search.web" }, () => 1);
  mesh.registerTool({ name: "free" }, () => 1);
  const names = async (options: MeshMcpOptions): Promise<string[]> => {
    const client = await clientOf(offer(mesh, options));
    return (await client.listTools()).tools.map(({ name }) => name);
  };

  expect(await names({})).toEqual(["free"]);
  expect(await names({ grants: ["search.*"] })).toEqual(["free", "web"]);
  expect(await names({ grants: "all", permit: (tool) => tool.name !== "web" })).toEqual([
    "free",
    "shell",
  ]);
  const client = await clientOf(offer(mesh));
  await expect(client.callTool({ name: "shell" })).rejects.toMatchObject({ code: -32_602 });
});

test.each(eras)("clients are told when the tools change, and only then (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const other = mesh.peer("b");
  const client = await clientOf(offer(mesh), mode);
  let told = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => {
    told += 1;
  });
  if (mode !== "legacy") await client.listen({ toolsListChanged: true });
  await client.listTools();
  const takeAway = other.register({ name: "new" }, () => 1);
  await expect.poll(() => told).toBe(1);
  expect((await client.listTools()).tools).toMatchObject([{ name: "new" }]);
  other.register({ name: "secret", permission: "x" }, () => 1);
  await settle();
  expect(told).toBe(1);
  takeAway();
  await expect.poll(() => told).toBe(2);
});

test("the mesh is asked again only when something has changed", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "t" }, () => 1);
  const server = offer(mesh);
  const clients = await Promise.all([clientOf(server), clientOf(server)]);
  await Promise.all(clients.map((client) => client.listTools()));
  await clients[0]?.callTool({ name: "t" });
  expect(mesh.asked).toBe(1);
});

test("there are no more calls at a time than were agreed to", async () => {
  const mesh = new FakeMesh();
  const release = Promise.withResolvers<string>();
  mesh.registerTool({ name: "slow" }, () => release.promise);
  const client = await clientOf(offer(mesh, { maxCalls: 1 }));
  const first = client.callTool({ name: "slow" });
  await client.listTools();

  expect(await client.callTool({ name: "slow" })).toMatchObject({
    isError: true,
    _meta: { "net.mesh/code": "OVERLOADED", "net.mesh/retryable": true },
  });
  release.resolve("ok");
  expect(await first).toMatchObject({ content: [{ text: "ok" }] });
});

test("closing ends calls and connections, and the mesh is let go", async () => {
  const mesh = new FakeMesh();
  const aborted = Promise.withResolvers<void>();
  mesh.registerTool({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => aborted.resolve());
    return new Promise(() => {});
  });
  const server = offer(mesh);
  const client = await clientOf(server);
  const closed = Promise.withResolvers<void>();
  client.onclose = closed.resolve;
  const call = client.callTool({ name: "forever" });
  const failed = expect(call).rejects.toThrow();
  await client.listTools();
  await Promise.all([server.close(), server.close()]);

  await Promise.all([failed, aborted.promise, closed.promise]);
  expect(() => server.server()).toThrow(expect.objectContaining({ code: "CLOSED" }));
  expect((await server.fetch(new Request("http://localhost/"))).status).toBe(503);
});

test.each([
  ["a naming nobody knows", { naming: "both" as never }],
  ["no calls at all", { maxCalls: 0 }],
  ["other hosts and no token", { allowedHosts: ["example.com"] }],
  ["a token that can be guessed", { token: "secret" }],
  ["a name that is none", { name: "" }],
])("options with %s are refused", (_, options) => {
  expect(() => meshMcpServer(new FakeMesh(), options)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
