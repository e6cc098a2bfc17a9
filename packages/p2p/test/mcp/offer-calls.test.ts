import { InMemoryTransport } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { clientOf, officialClient } from "./support/clients.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { eras, offer } from "./support/offer.ts";

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

test("progress and streams of a tool that several peers have come through what chooses among them", async () => {
  const mesh = new FakeMesh();
  for (const peer of ["b", "c"]) {
    mesh.peer(peer).register({ name: "poem" }, async function* (_, { progress }) {
      progress({ progress: 0.5 });
      yield "roses";
    });
  }
  const client = await clientOf(offer(mesh));
  const seen: unknown[] = [];
  const result = await client.callTool({ name: "poem" }, { onprogress: (p) => seen.push(p) });

  expect(result).toMatchObject({ content: [{ text: "roses" }] });
  expect(seen).toEqual([{ progress: 0.5 }, { progress: 1, message: "roses" }]);
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

test("closing ends the calls of servers that were connected by their owner, too", async () => {
  const mesh = new FakeMesh();
  const aborted = Promise.withResolvers<void>();
  mesh.registerTool({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => aborted.resolve());
    return new Promise(() => {});
  });
  const mcp = offer(mesh);
  const [near, far] = InMemoryTransport.createLinkedPair();
  await mcp.server().connect(far);
  const client = officialClient("legacy");
  await client.connect(near);
  const call = client.callTool({ name: "forever" });
  await client.listTools();
  await mcp.close();
  await aborted.promise;
  expect(await call).toMatchObject({ isError: true });
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
