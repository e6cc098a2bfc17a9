import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import {
  type McpServer,
  type McpServerFactory,
  Server,
  type Tool,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import type { McpMount } from "../../src/mcp/mount/mcp-mount.ts";
import { type MountMcpOptions, mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import type { McpClientTransport } from "../../src/mcp/sdk-client.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { type OfficialHooks, officialServer } from "./support/official-server.ts";

/** Connects to a server without wires, and anew each time it is asked. */
function inMemory(
  factory: McpServerFactory,
  far: InMemoryTransport[] = [],
): () => McpClientTransport {
  return () => {
    const [near, there] = InMemoryTransport.createLinkedPair();
    far.push(there);
    serveStdio(factory, { transport: there });
    return near;
  };
}

/** A server that says it has these tools. */
function listing(tools: Tool[]): Server {
  const server = new Server({ name: "raw", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools }));
  return server;
}

function mount(
  mesh: FakeMesh,
  hooks: OfficialHooks = {},
  options: MountMcpOptions = {},
): Promise<McpMount> {
  return mountMcp(mesh, { transport: inMemory(officialServer(hooks)) }, options);
}

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

test.each(["legacy", "modern"])("changes of the list are followed (%s)", async (era) => {
  const mesh = new FakeMesh();
  let server: McpServer | undefined;
  const factory = officialServer({ onServer: (made) => (server = made) });
  const [near, far] = InMemoryTransport.createLinkedPair();
  const mode = era === "legacy" ? ("legacy" as const) : { pin: "2026-07-28" };
  serveStdio(factory, { transport: far });
  const client = new Client({ name: "own", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(near);
  await using mounted = await mountMcp(mesh, client);
  const late = server?.registerTool("late", { description: "old" }, () => ({ content: [] }));
  await expect.poll(() => mounted.tools).toContain("late");
  late?.update({ description: "new" });
  await expect.poll(() => mesh.tools.get("late")?.description).toBe("new");
  const add = mesh.tools.get("add");
  late?.remove();
  await expect.poll(() => mounted.tools).not.toContain("late");
  expect(mesh.tools.get("add")).toBe(add);
});

test("a client that was handed in stays open, and its owner's", async () => {
  const mesh = new FakeMesh();
  const client = new Client({ name: "own", version: "1" });
  await client.connect(inMemory(officialServer())());
  let closed = 0;
  client.onclose = () => {
    closed += 1;
  };
  const mounted = await mountMcp(mesh, client);
  await mounted.close();
  expect([mesh.tools.definitions, closed]).toEqual([[], 0]);
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);

  const again = await mountMcp(mesh, client);
  await client.close();
  await again.ended;
  expect([mesh.tools.definitions, again.tools, closed]).toEqual([[], [], 1]);
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

test("the tools of a lost server are gone until it is back", async () => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  const far: InMemoryTransport[] = [];
  const transport = inMemory(officialServer(), far);
  await using mounted = await mountMcp(mesh, { transport }, { clock });
  const count = mounted.tools.length;
  await far.at(-1)?.close();
  await expect.poll(() => mounted.tools).toEqual([]);
  await clock.advance(1_000);

  await expect.poll(() => mounted.tools.length).toBe(count);
  expect(await mesh.tools.execute("add", twoNumbers)).toEqual({ sum: 3 });
  expect(far.length).toBe(2);
});

test("a server that does not come back is given up", async () => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  const far: InMemoryTransport[] = [];
  const first = inMemory(officialServer(), far);
  let tries = 0;
  const transport = (): McpClientTransport => {
    tries += 1;
    if (tries > 1) throw new Error("gone");
    return first();
  };
  await using mounted = await mountMcp(mesh, { transport }, { clock, retries: 3 });
  await far.at(-1)?.close();
  while (clock.pending > 0 || tries < 4) await clock.advance(60_000);
  await mounted.ended;
  expect(tries).toBe(4);
  expect(clock.pending).toBe(0);
});

test("a server that dies young again and again is given up too", async () => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  let tries = 0;
  const far: InMemoryTransport[] = [];
  const transport = inMemory(() => {
    tries += 1;
    return officialServer()({ era: "modern" });
  }, far);
  await using mounted = await mountMcp(mesh, { transport }, { clock, retries: 2 });
  const ended = mounted.ended.then(() => true);
  for (let lives = 1; lives <= 3; lives++) {
    await expect.poll(() => mounted.tools.length).toBeGreaterThan(0);
    await far.at(-1)?.close();
    await expect.poll(() => mounted.tools).toEqual([]);
    await clock.advance(30_000);
  }
  expect(await ended).toBe(true);
  expect(far.length).toBe(3);
  expect(tries).toBe(3);
});

test("closing while the server is being tried again ends that too", async () => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  const far: InMemoryTransport[] = [];
  const mounted = await mountMcp(mesh, { transport: inMemory(officialServer(), far) }, { clock });
  await far.at(-1)?.close();
  await expect.poll(() => mounted.tools).toEqual([]);
  await Promise.all([mounted.close(), mounted.close()]);
  await mounted.ended;
  expect(clock.pending).toBe(0);
  expect(far.length).toBe(1);
});

test("a server that cannot be reached is an error, and nothing is left", async () => {
  const mesh = new FakeMesh();
  const missing = mountMcp(mesh, { command: "no-such-mcp-server" });
  await expect(missing).rejects.toMatchObject({ name: expect.stringContaining("Error") });
  const silent = { transport: () => InMemoryTransport.createLinkedPair()[0] };
  await expect(mountMcp(mesh, silent, { connectTimeout: 20 })).rejects.toMatchObject({
    retryable: true,
  });
  await expect(mountMcp(mesh, {} as never)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(mesh.tools.definitions).toEqual([]);
});

test("mounting ends when its signal aborts", async () => {
  const mesh = new FakeMesh();
  const silent = { transport: () => InMemoryTransport.createLinkedPair()[0] };
  const controller = new AbortController();
  const mounting = mountMcp(mesh, silent, { signal: controller.signal });
  controller.abort("enough");
  await expect(mounting).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  await expect(mountMcp(mesh, silent, { signal: controller.signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
});
