import {
  type Client,
  type FetchLike,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { afterEach } from "vitest";
import { type MeshMcpOptions, meshMcpServer } from "../../../src/mcp/offer/options.ts";
import { type Mode, officialClient } from "./clients.ts";
import type { FakeMesh } from "./fake-mesh.ts";
import { HttpHost } from "./http.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** The mesh as an MCP server on loopback. */
export async function serve(
  mesh: FakeMesh,
  options: MeshMcpOptions = {},
): Promise<{ url: URL; host: HttpHost; close: () => Promise<void> }> {
  const mcp = meshMcpServer(mesh, { executor: mesh, ...options });
  const host = new HttpHost(mcp.nodeHandler);
  open.push(host, mcp);
  return { url: await host.listen(), host, close: () => mcp.close() };
}

/** The official client of that server, until the test is over. */
export async function connect(url: URL, mode?: Mode, fetch?: FetchLike): Promise<Client> {
  const client = officialClient(mode);
  await client.connect(new StreamableHTTPClientTransport(url, fetch && { fetch }));
  open.push({ [Symbol.asyncDispose]: () => client.close() });
  return client;
}
