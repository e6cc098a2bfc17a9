import { silentLogger } from "@net/core";
import { expect, test } from "vitest";
import { MountedTools } from "../../src/mcp/mount/mounted-tools.ts";
import { ToolSync } from "../../src/mcp/mount/tool-sync.ts";
import type { McpClient } from "../../src/mcp/sdk-client.ts";
import { FakeMesh } from "./support/fake-mesh.ts";

const policy = { prefix: "", permit: () => true, trustHints: false, common: {} };

test("what changes while the tools are listed is listed too, once for any number of changes", async () => {
  const lists: PromiseWithResolvers<unknown>[] = [];
  const client = {
    transport: {},
    getServerCapabilities: () => ({ tools: {} }),
    listTools: () => {
      lists.push(Promise.withResolvers());
      return lists.at(-1)?.promise;
    },
  };
  const mesh = new FakeMesh();
  const tools = new MountedTools(mesh, policy, silentLogger);
  const { signal } = new AbortController();
  const sync = new ToolSync(client as unknown as McpClient, tools, signal);
  const runs = [sync.run(), sync.run(), sync.run()];
  const named = (name: string): unknown => ({ tools: [{ name, inputSchema: { type: "object" } }] });
  lists[0]?.resolve(named("old"));
  await expect.poll(() => lists.length).toBe(2);
  lists[1]?.resolve(named("new"));
  await Promise.all(runs);

  expect(tools.names).toEqual(["new"]);
  expect(lists).toHaveLength(2);
});
