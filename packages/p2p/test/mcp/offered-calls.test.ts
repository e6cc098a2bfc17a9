import { silentLogger } from "@net/core";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { OfferedCalls } from "../../src/mcp/offer/offered-calls.ts";
import { FakeMesh } from "./support/fake-mesh.ts";

test("a client that reads progress slowly slows the tool down that streams", async () => {
  const mesh = new FakeMesh();
  let made = 0;
  mesh.registerTool({ name: "t" }, async function* () {
    while (made < 3) yield ++made;
  });
  const seen: (() => void)[] = [];
  const notify = (): Promise<void> => new Promise((resolve) => seen.push(resolve));
  const calls = new OfferedCalls({
    ...{ network: mesh, executor: mesh, deadlineMs: undefined, maxCalls: 1, logger: silentLogger },
  });
  const description = { name: "t", inputSchema: { type: "object" as const } };
  const input = { schema: description.inputSchema, unwrap: () => ({}) };
  const tool = { tool: "t", peerId: undefined, input, description };
  const { signal } = new AbortController();
  const call = calls.run(tool, { name: "t", args: {}, meta: {}, signal, notify });
  for (const taken of [1, 2, 3]) {
    await settle();
    expect(made).toBe(taken);
    seen.at(-1)?.();
  }
  expect(await call).toMatchObject({ structuredContent: [1, 2, 3] });
});
