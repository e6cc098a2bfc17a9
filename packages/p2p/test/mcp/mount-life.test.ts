import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import type { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import type { McpClientTransport } from "../../src/mcp/sdk-client.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { inMemory } from "./support/mounts.ts";
import { officialServer } from "./support/official-server.ts";

const twoNumbers = { a: 1, b: 2 };

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

test("a server that does not speak the protocol asked for is an error", async () => {
  const mesh = new FakeMesh();
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = await officialServer()({ era: "legacy" });
  await server.connect(far);
  const mounting = mountMcp(mesh, { transport: () => near }, { era: "modern" });
  await expect(mounting).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await expect(mountMcp(mesh, { command: "x" }, { era: "old" as never })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("a server that cannot be reached is an error, and nothing is left", async () => {
  const mesh = new FakeMesh();
  const missing = mountMcp(mesh, { command: "no-such-mcp-server" });
  await expect(missing).rejects.toMatchObject({ code: "NOT_FOUND" });
  const silent = { transport: () => InMemoryTransport.createLinkedPair()[0] };
  await expect(mountMcp(mesh, silent, { connectTimeout: 20 })).rejects.toMatchObject({
    ...{ code: "TIMEOUT", timeoutMs: 20 },
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

test("a server that knows only the protocol of 2025 is mounted too", async () => {
  const mesh = new FakeMesh();
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = await officialServer()({ era: "legacy" });
  await server.connect(far);
  await using mounted = await mountMcp(mesh, { transport: () => near });
  expect(mounted.tools).toContain("add");
  expect(await mesh.tools.execute("add", twoNumbers)).toEqual({ sum: 3 });
});
