// Tools of an MCP server for all peers, and the tools of all peers for MCP clients.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { PeerNetwork } from "@net/p2p";
import { meshMcpServer, mountMcp } from "@net/p2p/mcp";
import { z } from "zod";

// An MCP server, anybody's: here one of the official SDK. It would run elsewhere, and be reached by its address.
const somebodys = createMcpHandler(() => {
  const server = new McpServer({ name: "dice", version: "1" });
  const outputSchema = z.object({ sides: z.number(), rolled: z.literal(4) });
  server.registerTool("roll", { description: "Rolls a die", outputSchema }, () => ({
    structuredContent: { sides: 6, rolled: 4 },
    content: [],
  }));
  return server;
});
const fetch = async (url: string | URL, init?: RequestInit) =>
  await somebodys.fetch(new Request(url, init));

const jwtSecret = randomBytes(32).toString("base64");
await using box = new PeerNetwork({ peerId: "box", host: "127.0.0.1", port: 0, jwtSecret });
await box.start();
await using dice = await mountMcp(
  box,
  { url: "http://dice.local/mcp", fetch },
  { prefix: "dice." },
);
console.log(`box offers ${dice.tools}`);

await using laptop = new PeerNetwork({ peerId: "laptop", host: "127.0.0.1", port: 0, jwtSecret });
await laptop.start();
await laptop.connect(box.address ?? "");
console.log("a peer rolls", await laptop.executeRemoteTool("box", "dice.roll", {}));

// The whole mesh as one MCP server, here by HTTP for this machine alone; mcp.serveStdio() would do it on standard streams.
await using mcp = meshMcpServer(laptop);
const server = createServer(mcp.nodeHandler);
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

const client = new Client(
  { name: "any MCP client", version: "1" },
  { versionNegotiation: { mode: "auto" } },
);
await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
console.log(
  "MCP lists",
  (await client.listTools()).tools.map(({ name }) => name),
);
console.log("MCP rolls", (await client.callTool({ name: "dice.roll" })).structuredContent);

await client.close();
await mcp.close();
server.close();
await somebodys.close();
