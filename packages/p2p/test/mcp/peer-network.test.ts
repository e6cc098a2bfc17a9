import { InMemoryTransport } from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { PeerNetwork } from "@net/p2p";
import { meshMcpServer, mountMcp } from "@net/p2p/mcp";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";
import { clientOf } from "./support/clients.ts";
import { type OfficialHooks, officialServer } from "./support/official-server.ts";

/** Three peers in a row: the ends see each other through the one between them. */
async function row(network: TestNetwork): Promise<[PeerNetwork, PeerNetwork, PeerNetwork]> {
  return (await network.line("laptop", "relay", "gpu-box")) as [
    PeerNetwork,
    PeerNetwork,
    PeerNetwork,
  ];
}

function official(hooks: OfficialHooks = {}): { transport: () => InMemoryTransport } {
  return {
    transport: () => {
      const [near, far] = InMemoryTransport.createLinkedPair();
      serveStdio(officialServer(hooks), { transport: far });
      return near;
    },
  };
}

test("an MCP client calls a tool two hops away, on whichever peer has it", async () => {
  await using network = new TestNetwork();
  const [laptop, , gpu] = await row(network);
  const outputSchema = { type: "object", required: ["size"] };
  gpu.registerTool<{ text: string }>({ name: "measure", outputSchema }, ({ text }) => ({
    size: text.length,
  }));
  await using mcp = meshMcpServer(laptop);
  const client = await clientOf(mcp);

  const { tools } = await network.until(client.listTools());
  expect(tools).toMatchObject([{ name: "measure", outputSchema }]);
  const call = client.callTool({ name: "measure", arguments: { text: "four" } });
  expect(await network.until(call)).toMatchObject({ structuredContent: { size: 4 } });
});

test.each([
  ["merged", "poem"],
  ["per-peer", "gpu-box.poem"],
] as const)(
  "progress and streams come through relays to the MCP client (names %s)",
  async (naming, name) => {
    await using network = new TestNetwork();
    const [laptop, , gpu] = await row(network);
    gpu.registerTool({ name: "poem" }, async function* (_, { progress }) {
      progress({ progress: 0.5, total: 9 });
      yield "roses ";
      yield "are red";
    });
    await using mcp = meshMcpServer(laptop, { naming });
    const client = await clientOf(mcp);
    const seen: unknown[] = [];
    const call = client.callTool({ name }, { onprogress: (p) => seen.push(p) });

    expect(await network.until(call)).toMatchObject({ content: [{ text: "roses are red" }] });
    expect(seen).toContainEqual({ progress: 0.5, total: 9 });
    expect(seen).toHaveLength(3);
  },
);

test("a mounted tool answers through relays, with bytes as bytes and failures as they were", async () => {
  await using network = new TestNetwork();
  const [laptop, , gpu] = await row(network);
  await using _mounted = await mountMcp(gpu, official());
  const call = (tool: string, args: unknown = {}): Promise<unknown> =>
    network.until(laptop.executeRemoteTool("gpu-box", tool, args));

  expect(await call("add", { a: 1, b: 2 })).toEqual({ sum: 3 });
  expect(await call("draw")).toEqual({
    content: [
      { type: "text", text: "a dot" },
      { type: "image", data: new Uint8Array([1, 2, 3]), mimeType: "image/png" },
    ],
  });
  await expect(call("fail")).rejects.toMatchObject({
    ...{ code: "REMOTE_ERROR", remoteName: "ToolError", message: "out of paper" },
  });
});

test("cancelling goes from one MCP client, through the mesh, to another peer's MCP server", async () => {
  await using network = new TestNetwork();
  const [laptop, , gpu] = await row(network);
  const begun = Promise.withResolvers<AbortSignal>();
  const onCall = (_: string, signal: AbortSignal): void => begun.resolve(signal);
  await using _mounted = await mountMcp(gpu, official({ onCall }), { prefix: "far." });
  await using mcp = meshMcpServer(laptop);
  const client = await clientOf(mcp);
  // The advert of the new tool has to arrive first.
  await network.until(client.listTools());
  const controller = new AbortController();
  const call = client.callTool({ name: "far.forever" }, { signal: controller.signal });
  const failed = expect(call).rejects.toThrow();
  const signal = await network.until(begun.promise);
  controller.abort();

  await failed;
  await network.until(expect.poll(() => signal.aborted).toBe(true));
});

test("images and traces go all the way from one MCP server to another's client", async () => {
  await using network = new TestNetwork();
  const [laptop, , gpu] = await row(network);
  const metas: unknown[] = [];
  const onCall = (_: string, __: AbortSignal, meta: unknown): void => void metas.push(meta);
  await using _mounted = await mountMcp(gpu, official({ onCall }));
  await using mcp = meshMcpServer(laptop);
  const client = await clientOf(mcp);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
  await network.until(client.listTools());
  const drawn = client.callTool({ name: "draw" });
  const args = { name: "add", arguments: { a: 1, b: 2 }, _meta: { traceparent } };
  const added = client.callTool(args);

  expect(await network.until(drawn)).toMatchObject({
    content: [{ text: "a dot" }, { type: "image", data: "AQID", mimeType: "image/png" }],
  });
  expect(await network.until(added)).toMatchObject({ structuredContent: { sum: 3 } });
  expect(metas).toContainEqual(expect.objectContaining({ traceparent, "net.mesh/depth": 1 }));
});
