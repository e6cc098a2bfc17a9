import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import type { MeshMcpServer } from "../../../src/mcp/offer/mesh-mcp-server.ts";

export type Mode = "auto" | "legacy" | { readonly pin: string };

/** The official client, not connected yet. */
export function officialClient(mode: Mode = { pin: "2026-07-28" }): Client {
  return new Client({ name: "official", version: "1" }, { versionNegotiation: { mode } });
}

/** The official client of a mesh, without wires. */
export async function clientOf(mesh: MeshMcpServer, mode?: Mode): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  mesh.serve(far);
  const client = officialClient(mode);
  await client.connect(near);
  return client;
}
