/**
 * `@net/p2p/mcp`: tools of MCP servers as tools of peers, and the tools of all peers as one MCP server. Needs
 * `@modelcontextprotocol/client` and `@modelcontextprotocol/server`.
 *
 * @module
 */

export type { Grants } from "../admission/grants.ts";
// What results look like
export type { McpBlock, McpContent } from "./content.ts";
export type { Fetch } from "./mount/bounded-fetch.ts";
// An MCP server's tools for peers
export type { HttpServer, McpSource, StdioServer, TransportSource } from "./mount/connection.ts";
export type { McpMount } from "./mount/mcp-mount.ts";
export { type MountMcpOptions, mountMcp } from "./mount/mount-mcp.ts";
// What both need of a network
export type {
  MeshCall,
  MeshCallOptions,
  MeshExecutor,
  MeshNetwork,
  ToolRegistry,
} from "./network.ts";
// The mesh as an MCP server
export {
  type McpServing,
  MeshMcpServer,
  type ServeStreams,
} from "./offer/mesh-mcp-server.ts";
export type { NodeHandler } from "./offer/node-handler.ts";
export { type MeshMcpOptions, meshMcpServer } from "./offer/options.ts";
export type { McpClient, McpEra, McpTool } from "./sdk-client.ts";
