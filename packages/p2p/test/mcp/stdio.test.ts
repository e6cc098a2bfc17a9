import { once } from "node:events";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { Client, type Progress } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type Logger, silentLogger } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { mountMcp } from "../../src/mcp/mount/mount-mcp.ts";
import { meshMcpServer } from "../../src/mcp/offer/options.ts";
import { FakeMesh } from "./support/fake-mesh.ts";

/** Programs take their time to start on a machine that is busy. */
const patient = { timeout: 30_000 };

function program(name: string): { command: string; args: string[] } {
  const path = fileURLToPath(new URL(`support/${name}.ts`, import.meta.url));
  return { command: process.execPath, args: ["--conditions=@net/source", path] };
}

test("a program's tools are mounted, and end with the program", patient, async () => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  const logged: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    debug: (fields: object | string) => void logged.push(fields),
  };
  await using mounted = await mountMcp(mesh, program("stdio-server"), {
    ...{ clock, logger, era: "legacy" },
  });
  const first = await mesh.tools.execute("pid", {});

  expect(await mesh.tools.execute("add", { a: 1, b: 2 })).toEqual({ sum: 3 });
  expect(logged).toContainEqual(expect.objectContaining({ text: expect.stringContaining("up") }));
  expect(await mesh.tools.run("die", {})).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  await expect.poll(() => mounted.tools).toEqual([]);
  await clock.advance(1_000);
  await expect.poll(() => mounted.tools.length, patient).toBeGreaterThan(0);
  const second = Number(await mesh.tools.execute("pid", {}));
  expect(second).not.toBe(first);
  await mounted.close();
  await expect.poll(() => isAlive(second)).toBe(false);
});

test("a mesh is offered by a program on its standard streams", patient, async () => {
  const transport = new StdioClientTransport({ ...program("mesh-program"), stderr: "pipe" });
  const client = new Client(
    { name: "official", version: "1" },
    { versionNegotiation: { mode: "auto" } },
  );
  const errors: string[] = [];
  transport.stderr?.on("data", (chunk) => errors.push(String(chunk)));
  await client.connect(transport);
  const seen: unknown[] = [];

  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
    "go",
    "hello",
    "steps",
  ]);
  expect(await client.callTool({ name: "hello", arguments: { name: "Ada" } })).toMatchObject({
    structuredContent: { greeting: "hello Ada" },
  });
  // The SDK's client drops progress that it reads together with the result: each step waits to be seen.
  const onprogress = ({ progress }: Progress): void => {
    seen.push(progress);
    void client.callTool({ name: "go" });
  };
  await client.callTool({ name: "steps" }, { onprogress });
  expect(seen).toEqual([1, 2, 3]);
  const { pid } = transport;
  await client.close();
  await expect.poll(() => isAlive(pid ?? 0)).toBe(false);
  expect(errors).toEqual([]);
});

test("streams of one's own can be served, and end with them", async () => {
  const mesh = new FakeMesh();
  await using mcp = meshMcpServer(mesh, { executor: mesh });
  const [input, output] = [new PassThrough(), new PassThrough()];
  const serving = mcp.serveStdio({ input, output });
  const initialize = {
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: {
      ...{ protocolVersion: "2025-11-25", capabilities: {} },
      clientInfo: { name: "raw", version: "1" },
    },
  };
  input.write(`${JSON.stringify(initialize)}\n`);
  const [answer] = (await once(output, "data")) as [Buffer];
  expect(JSON.parse(String(answer))).toMatchObject({
    id: 1,
    result: { serverInfo: { name: "net" } },
  });
  await serving.close();
  await serving.close();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
