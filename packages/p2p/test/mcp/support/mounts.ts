import { InMemoryTransport } from "@modelcontextprotocol/client";
import { type McpServerFactory, Server, type Tool } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { McpMount } from "../../../src/mcp/mount/mcp-mount.ts";
import { type MountMcpOptions, mountMcp } from "../../../src/mcp/mount/mount-mcp.ts";
import type { McpClientTransport } from "../../../src/mcp/sdk-client.ts";
import type { FakeMesh } from "./fake-mesh.ts";
import { type OfficialHooks, officialServer } from "./official-server.ts";

/** Connects to a server without wires, and anew each time it is asked. */
export function inMemory(
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
export function listing(tools: Tool[]): Server {
  const server = new Server({ name: "raw", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools }));
  return server;
}

/** Mounts the official server without wires. */
export function mount(
  mesh: FakeMesh,
  hooks: OfficialHooks = {},
  options: MountMcpOptions = {},
): Promise<McpMount> {
  return mountMcp(mesh, { transport: inMemory(officialServer(hooks)) }, options);
}
