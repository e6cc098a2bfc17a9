import { expect, test } from "vitest";
import { z } from "zod";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";
import { issuesOf, withInput } from "./support/schemas.ts";

const search = {
  type: "object",
  properties: {
    query: { type: "string", minLength: 1 },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["query"],
  additionalProperties: false,
} as const;

test("a JSON Schema checks arguments, and says what is wrong where", async () => {
  expect(await issuesOf(search, { query: "x", tags: ["a"] })).toEqual([]);
  expect(await issuesOf(search, { tags: ["a", 2], extra: 1 })).toEqual([
    { message: expect.stringContaining('"query"'), path: [] },
    { message: expect.stringContaining("number"), path: ["tags", 1] },
    { message: "is not allowed here", path: ["extra"] },
  ]);
});

test("names with slashes, tildes and spaces come out of a path as they are", async () => {
  const schema = { type: "object", additionalProperties: { type: "number" } };
  expect(await issuesOf(schema, { "a/b~c d%": "no" })).toMatchObject([{ path: ["a/b~c d%"] }]);
});

test("of alternatives none of which fits, the choice itself is told and not each of them", async () => {
  const schema = { anyOf: [{ type: "string" }, { type: "number" }] };
  const issues = await issuesOf({ type: "object", properties: { at: schema } }, { at: true });
  expect(issues).toEqual([{ message: expect.stringMatching(/any/i), path: ["at"] }]);
});

test("draft-07 means draft-07, where an array of items is a tuple", async () => {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    definitions: { pair: { items: [{ type: "string" }, { type: "number" }] } },
    properties: { pair: { $ref: "#/definitions/pair", minItems: 9 } },
  };
  expect(await issuesOf(schema, { pair: ["a", 1] })).toEqual([]);
  expect(await issuesOf(schema, { pair: ["a", "b"] })).toMatchObject([{ path: ["pair", 1] }]);
});

test("in draft 2020-12, the default, prefixItems is the tuple and $ref has siblings", async () => {
  const schema = {
    type: "object",
    $defs: { pair: { prefixItems: [{ type: "string" }], items: false } },
    properties: { pair: { $ref: "#/$defs/pair", minItems: 1 } },
  };
  expect(await issuesOf(schema, { pair: ["a"] })).toEqual([]);
  expect(await issuesOf(schema, { pair: [] })).toMatchObject([{ path: ["pair"] }]);
  expect(await issuesOf(schema, { pair: ["a", "b"] })).toMatchObject([{ path: ["pair", 1] }]);
});

test("arguments that are left out are an empty object, as in MCP; a result that is left out is not", async () => {
  const tools = new ToolExecutor();
  const schema = { type: "object", additionalProperties: false };
  tools.register({ name: "now", inputSchema: schema }, (args) => args);
  tools.register({ name: "none", outputSchema: schema }, () => undefined);

  expect(await tools.execute("now", undefined)).toEqual({});
  await expect(tools.execute("none", {})).rejects.toMatchObject({ remoteName: "OutputError" });
});

test("bytes are checked as their base64, and reach the tool as bytes", async () => {
  const schema = { type: "object", properties: { image: { type: "string", minLength: 4 } } };
  const image = new Uint8Array([1, 2, 3]);
  expect(await withInput(schema).execute("t", { image, note: undefined })).toEqual({ image });
  expect(await issuesOf({ properties: { image: { type: "object" } } }, { image })).toHaveLength(1);
});

test.each([
  ["a bigint", { n: 1n }, ["n"]],
  ["a function", [[() => 1]], [0, 0]],
  ["a number that is none", { n: Number.NaN }, ["n"]],
])("%s is no JSON", async (_, args, path) => {
  expect(await issuesOf({}, args)).toEqual([{ message: expect.stringContaining("JSON"), path }]);
});

test("a schema of Zod checks, converts, and is told as JSON Schema from the caller's side", async () => {
  const tools = withInput(z.object({ n: z.string().default("7").transform(Number) }));
  expect(await tools.execute("t", {})).toEqual({ n: 7 });
  expect(tools.describeTools()[0]?.inputSchema).toMatchObject({
    properties: { n: { type: "string", default: "7" } },
  });
});

test("a schema whose library cannot say it as JSON Schema still checks, and is not told", async () => {
  const tools = withInput(z.object({ big: z.bigint() }));
  expect(tools.describeTools()).toEqual([{ name: "t" }]);
  await expect(tools.execute("t", {})).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test.each([
  ["JSON Schema", { type: "object", required: ["sum"] }],
  ["Zod", z.object({ sum: z.number() })],
])(
  "a result that does not fit the outputSchema (%s) is the tool's failure",
  async (_, outputSchema) => {
    const tools = new ToolExecutor();
    tools.register({ name: "good", outputSchema }, () => ({ sum: 1 }));
    tools.register({ name: "bad", outputSchema }, () => ({ total: 1 }));

    expect(await tools.execute("good", {})).toEqual({ sum: 1 });
    expect(await tools.run("bad", {})).toMatchObject({
      fate: "failed",
      error: {
        code: "REMOTE_ERROR",
        remoteName: "OutputError",
        message: expect.stringContaining("sum"),
      },
    });
  },
);
