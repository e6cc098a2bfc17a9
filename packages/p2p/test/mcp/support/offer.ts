import { afterEach } from "vitest";
import type { MeshMcpServer } from "../../../src/mcp/offer/mesh-mcp-server.ts";
import { type MeshMcpOptions, meshMcpServer } from "../../../src/mcp/offer/options.ts";
import type { Mode } from "./clients.ts";
import type { FakeMesh } from "./fake-mesh.ts";

const open: MeshMcpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** The mesh as an MCP server, until the test is over. */
export function offer(mesh: FakeMesh, options: MeshMcpOptions = {}): MeshMcpServer {
  const server = meshMcpServer(mesh, { executor: mesh, ...options });
  open.push(server);
  return server;
}

/** The protocols a client can speak. */
export const eras: [string, Mode][] = [
  ["2026-07-28", { pin: "2026-07-28" }],
  ["2025-11-25", "legacy"],
];
