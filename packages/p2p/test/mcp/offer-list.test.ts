import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { type MeshMcpOptions, meshMcpServer } from "../../src/mcp/offer/options.ts";
import { compileJsonSchema } from "../../src/tools/schema/validator.ts";
import { clientOf } from "./support/clients.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { eras, offer } from "./support/offer.ts";

const sum = { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] };

test.each(eras)(
  "the tools of all peers are listed with all that is known of them (%s)",
  async (_, mode) => {
    const mesh = new FakeMesh();
    mesh.registerTool({ name: "bare" }, () => 1);
    mesh.peer("b").register(
      {
        ...{ name: "add", title: "Add", description: "Adds", idempotent: true },
        inputSchema: z.object({ a: z.number() }),
        outputSchema: sum,
        annotations: { readOnlyHint: true },
      },
      () => ({ sum: 1 }),
    );
    const client = await clientOf(offer(mesh), mode);

    const { tools } = await client.listTools();
    expect(tools).toEqual([
      {
        ...{ name: "add", title: "Add", description: "Adds", outputSchema: sum },
        inputSchema: expect.objectContaining({
          type: "object",
          properties: { a: { type: "number" } },
        }),
        annotations: { readOnlyHint: true, idempotentHint: true },
      },
      { name: "bare", inputSchema: { type: "object" } },
    ]);
  },
);

test("tools that peers agree upon are one; where they differ each has its own", async () => {
  const mesh = new FakeMesh();
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const sameSchema = { properties: { a: { type: "string" } }, type: "object" };
  mesh.peer("b").register({ name: "same", inputSchema: schema }, () => "b");
  mesh.peer("c").register({ name: "same", inputSchema: sameSchema }, () => "c");
  mesh.registerTool({ name: "differs" }, () => "here");
  mesh.peer("d").register({ name: "differs", inputSchema: schema }, (args) => ({ d: args }));
  const client = await clientOf(offer(mesh));

  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["d.differs", "here.differs", "same"]);
  expect(await client.callTool({ name: "same" })).toMatchObject({ content: [{ text: "b" }] });
  const args = { a: "x" };
  expect(await client.callTool({ name: "d.differs", arguments: args })).toMatchObject({
    structuredContent: { d: args },
  });
});

test("names that MCP does not have are changed so that they still differ", async () => {
  const mesh = new FakeMesh();
  for (const name of ["wörd count", "wärd count", "x".repeat(128)]) {
    mesh.peer(`of ${name.length}${name[1]}`).register({ name }, () => name);
  }
  const client = await clientOf(offer(mesh, { naming: "per-peer" }));
  const { tools } = await client.listTools();

  expect(new Set(tools.map(({ name }) => name)).size).toBe(3);
  for (const { name } of tools) {
    expect(name).toMatch(/^[A-Za-z0-9_.-]{1,128}$/);
    expect(await client.callTool({ name })).not.toHaveProperty("isError");
  }
});

test("tools whose names come out alike are both offered, and not taken for each other", async () => {
  const mesh = new FakeMesh();
  mesh.peer("a").register({ name: "b.c" }, () => "of a");
  mesh.peer("a.b").register({ name: "c" }, () => "of a.b");
  const client = await clientOf(offer(mesh, { naming: "per-peer" }));
  const { tools } = await client.listTools();
  const results = tools.map(async ({ name }) => (await client.callTool({ name })).content[0]);

  expect(tools.map(({ name }) => name)).toEqual([
    "a.b.c",
    expect.stringMatching(/^a\.b\.c-[0-9a-f]{8}$/),
  ]);
  expect(await Promise.all(results)).toMatchObject([{ text: "of a" }, { text: "of a.b" }]);
});

test("arguments that are no object are given in one", async () => {
  const mesh = new FakeMesh();
  const inputSchema = { $ref: "#/$defs/n", $defs: { n: { type: "number" } } };
  mesh.registerTool<number>({ name: "double", inputSchema }, (n) => 2 * n);
  const choice = { anyOf: [{ type: "object", required: ["a"] }, { type: "object" }] };
  mesh.registerTool({ name: "choice", inputSchema: choice }, (args) => args);
  const client = await clientOf(offer(mesh));

  const { tools } = await client.listTools();
  expect(tools).toMatchObject([
    { name: "choice", inputSchema: { type: "object", anyOf: choice.anyOf } },
    { name: "double", inputSchema: { type: "object", required: ["value"] } },
  ]);
  expect(await client.callTool({ name: "double", arguments: { value: 4 } })).toMatchObject({
    structuredContent: 8,
  });
  const check = compileJsonSchema(tools[1]?.inputSchema ?? {}, "the schema");
  expect(check({ value: 4 })).toEqual([]);
  expect(check({ value: "four" })).toMatchObject([{ path: ["value"] }]);
});

test("a tool that asks for a permission is offered only if it was granted", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "shell", permission: "shell" }, () => 1);
  mesh.registerTool({ name: "web", permission: "search.web" }, () => 1);
  mesh.registerTool({ name: "free" }, () => 1);
  const names = async (options: MeshMcpOptions): Promise<string[]> => {
    const client = await clientOf(offer(mesh, options));
    return (await client.listTools()).tools.map(({ name }) => name);
  };

  expect(await names({})).toEqual(["free"]);
  expect(await names({ grants: ["search.*"] })).toEqual(["free", "web"]);
  expect(await names({ grants: "all", permit: (async () => true) as never })).toEqual([]);
  expect(await names({ grants: "all", permit: (tool) => tool.name !== "web" })).toEqual([
    "free",
    "shell",
  ]);
  const client = await clientOf(offer(mesh));
  await expect(client.callTool({ name: "shell" })).rejects.toMatchObject({ code: -32_602 });
});

test.each(eras)("clients are told when the tools change, and only then (%s)", async (_, mode) => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  const other = mesh.peer("b");
  const client = await clientOf(offer(mesh, { clock }), mode);
  let told = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => {
    told += 1;
  });
  if (mode !== "legacy") await client.listen({ toolsListChanged: true });
  await client.listTools();
  const takeAway = other.register({ name: "new" }, () => 1);
  await clock.advance(250);
  await expect.poll(() => told).toBe(1);
  expect((await client.listTools()).tools).toMatchObject([{ name: "new" }]);
  other.register({ name: "secret", permission: "x" }, () => 1);
  await clock.advance(250);
  expect(told).toBe(1);
  takeAway();
  await clock.advance(250);
  await expect.poll(() => told).toBe(2);
});

test("a mesh in motion is asked four times a second at most, and at once by whoever wants to know", async () => {
  const mesh = new FakeMesh();
  const clock = new FakeClock();
  const server = offer(mesh, { clock });
  const client = await clientOf(server);
  await client.listTools();
  for (let count = 0; count < 100; count++) {
    mesh.registerTool({ name: `${count}` }, () => 1);
    await clock.advance(10);
  }
  expect(mesh.asked).toBeLessThanOrEqual(5);
  mesh.registerTool({ name: "last" }, () => 1);
  expect((await client.listTools()).tools).toHaveLength(101);
  await server.close();
  expect(clock.pending).toBe(0);
});

test("the mesh is asked again only when something has changed", async () => {
  const mesh = new FakeMesh();
  mesh.registerTool({ name: "t" }, () => 1);
  const server = offer(mesh);
  const [client, other] = await Promise.all([clientOf(server), clientOf(server)]);
  await Promise.all([client.listTools(), other.listTools()]);
  await client.callTool({ name: "t" });
  expect(mesh.asked).toBe(1);
});

test.each([
  ["a naming nobody knows", { naming: "both" as never }],
  ["no calls at all", { maxCalls: 0 }],
  ["other hosts and no token", { allowedHosts: ["example.com"] }],
  ["a token that can be guessed", { token: "secret" }],
  ["a name that is none", { name: "" }],
])("options with %s are refused", (_, options) => {
  expect(() => meshMcpServer(new FakeMesh(), options)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
