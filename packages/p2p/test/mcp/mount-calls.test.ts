import type { InMemoryTransport } from "@modelcontextprotocol/client";
import type { Tool } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { z } from "zod";
import { mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { inMemory, listing, mount } from "./support/mounts.ts";
import { type OfficialHooks, officialServer } from "./support/official-server.ts";

const twoNumbers = { a: 1, b: 2 };

test("a server's tools become a peer's, with all that is known of them", async () => {
  const mesh = new FakeMesh();
  await using mounted = await mount(
    mesh,
    {},
    { prefix: "calc.", permission: "calc", concurrency: 2 },
  );

  expect(mounted.tools).toContain("calc.add");
  const manifest = mesh.tools.describeTools().find(({ name }) => name === "calc.add");
  expect(manifest).toEqual({
    ...{ name: "calc.add", title: "Add", description: "Adds two numbers", permission: "calc" },
    inputSchema: expect.objectContaining({ required: ["a", "b"] }),
    outputSchema: expect.objectContaining({ required: ["sum"] }),
    annotations: { readOnlyHint: true, idempotentHint: true },
  });
  expect(mesh.tools.get("calc.add")).toMatchObject({ concurrency: 2 });
});

test("results come as structured content, as a text, or as blocks with bytes as bytes", async () => {
  const mesh = new FakeMesh();
  await using _mounted = await mount(mesh);
  const image = { type: "image", data: new Uint8Array([1, 2, 3]), mimeType: "image/png" };
  const chunks: unknown[] = [];
  const onChunk = (chunk: unknown): void => void chunks.push(chunk);

  expect(await mesh.tools.execute("add", twoNumbers)).toEqual({ sum: 3 });
  expect(await mesh.tools.execute("greet", { name: "Ada" })).toBe("hello Ada");
  expect(await mesh.tools.execute("draw", undefined)).toEqual({
    content: [{ type: "text", text: "a dot" }, image],
  });
  expect(await mesh.tools.execute("nothing", {})).toBe(undefined);
  expect(await mesh.tools.execute("chart", {}, { onChunk })).toEqual({ sum: 1 });
  expect(chunks).toEqual([{ content: [image] }]);
});

test("a tool that says it failed is a RemoteError in its words", async () => {
  const mesh = new FakeMesh();
  await using _mounted = await mount(mesh);
  expect(await mesh.tools.run("fail", {})).toMatchObject({
    fate: "failed",
    error: { code: "REMOTE_ERROR", remoteName: "ToolError", message: "out of paper" },
  });
});

test("wrong arguments are refused before the server hears of them", async () => {
  const mesh = new FakeMesh();
  const calls: string[] = [];
  await using _mounted = await mount(mesh, { onCall: (tool) => calls.push(tool) });
  expect(await mesh.tools.run("add", { a: 1 })).toMatchObject({
    ...{ fate: "not-run", error: { code: "INVALID_ARGUMENT" } },
  });
  expect(calls).toEqual([]);
});

test("a result that is not what the server promised is the tool's failure", async () => {
  const mesh = new FakeMesh();
  await using _mounted = await mount(mesh);
  expect(await mesh.tools.run("lie", {})).toMatchObject({
    fate: "failed",
    error: { code: "REMOTE_ERROR" },
  });
});

test("progress comes through, and the trace goes with the call", async () => {
  const mesh = new FakeMesh();
  const metas: unknown[] = [];
  await using _mounted = await mount(mesh, { onCall: (_, __, meta) => metas.push(meta) });
  const told: unknown[] = [];
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
  const context = { traceparent, labels: { "mcp-depth": "2" } };
  const onProgress = (value: unknown): void => void told.push(value);

  expect(await mesh.tools.execute("slow", {}, { onProgress, context })).toBe("done");
  expect(told).toEqual([
    { progress: 1, total: 2, message: "step 1" },
    { progress: 2, total: 2, message: "step 2" },
  ]);
  expect(metas).toEqual([expect.objectContaining({ traceparent, "net.mesh/depth": 2 })]);
});

test("giving a call up cancels it on the server", async () => {
  const mesh = new FakeMesh();
  const begun = Promise.withResolvers<AbortSignal>();
  await using _mounted = await mount(mesh, { onCall: (_, signal) => begun.resolve(signal) });
  const controller = new AbortController();
  const call = mesh.tools.run("forever", {}, { signal: controller.signal });
  const serverSignal = await begun.promise;
  controller.abort();

  expect(await call).toMatchObject({ fate: "given-up", error: { code: "ABORTED" } });
  await expect.poll(() => serverSignal.aborted).toBe(true);
  await expect.poll(() => mesh.tools.running).toBe(0);
});

test("a deadline ends a call, and nothing else does", async () => {
  const mesh = new FakeMesh();
  await using _mounted = await mount(mesh);
  expect(await mesh.tools.run("forever", {}, { deadlineMs: 20 })).toMatchObject({
    error: { code: "DEADLINE_EXCEEDED" },
  });
});

test("tools that cannot be mounted are named, and the others are mounted", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "mine" }, () => "mine");
  const object = { type: "object" as const };
  const properties = { a: { $ref: "https://example.com/schema.json" } };
  const tools: Tool[] = [
    { name: "mine", inputSchema: object },
    { name: "fetching", inputSchema: { ...object, properties } },
    { name: "old", inputSchema: { ...object, $schema: "http://json-schema.org/draft-04/schema#" } },
    { name: "endless", inputSchema: object, outputSchema: { description: "x".repeat(70_000) } },
    { name: "line\nbreak", inputSchema: object },
    { name: "unwanted", inputSchema: object },
    { name: "good", inputSchema: object, description: "x".repeat(10_000), title: "y".repeat(300) },
  ];
  const transport = inMemory(() => listing(tools));
  await using mounted = await mountMcp(
    mesh,
    { transport },
    { permit: ({ name }) => name !== "unwanted" },
  );

  expect([...mounted.skipped.keys()]).toEqual([
    "mine",
    "fetching",
    "old",
    "endless",
    "line\nbreak",
  ]);
  expect(mounted.skipped.get("fetching")).toContain("nothing is fetched");
  expect(mounted.tools).toEqual(["good"]);
  expect(mesh.tools.get("good")?.description).toHaveLength(8_192);
  expect(await mesh.tools.execute("mine", {})).toBe("mine");
});

test("regular expressions of a server are not run here, but told", async () => {
  const mesh = new FakeMesh();
  const hooks: OfficialHooks = {
    onServer: (server) => {
      const inputSchema = z.object({ id: z.string().regex(/^(a+)+$/) });
      server.registerTool("evil", { inputSchema }, () => ({ content: [] }));
    },
  };
  await using _mounted = await mount(mesh, hooks);
  const outcome = await mesh.tools.run("evil", { id: 5 });

  expect(outcome).toMatchObject({ fate: "failed", error: { code: "REMOTE_ERROR" } });
  const manifest = mesh.tools.describeTools().find(({ name }) => name === "evil");
  expect(manifest?.inputSchema).toMatchObject({ properties: { id: { pattern: "^(a+)+$" } } });
});

test("what a server says of itself is believed only if it is trusted", async () => {
  const mesh = new FakeMesh();
  const careful = await mount(mesh);
  expect(mesh.tools.get("add")?.idempotent).toBe(undefined);
  await careful.close();
  await using _trusting = await mount(mesh, {}, { trustHints: true });
  expect(mesh.tools.get("add")?.idempotent).toBe(true);
  expect(mesh.tools.get("greet")?.idempotent).toBe(undefined);
});

test("a call that a lost server may have run is not said to be repeatable, unless it is", async () => {
  const outcomeWith = async (trustHints: boolean): Promise<unknown> => {
    const mesh = new FakeMesh();
    const far: InMemoryTransport[] = [];
    const transport = inMemory(officialServer({ onCall: () => void far.at(-1)?.close() }), far);
    await using _mounted = await mountMcp(mesh, { transport }, { trustHints, retries: 0 });
    return await mesh.tools.run("add", twoNumbers);
  };
  expect(await outcomeWith(false)).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  expect(await outcomeWith(true)).toMatchObject({ error: { code: "CONNECTION_LOST" } });
});
