import { type NetworkError, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { z } from "zod";
import type { ToolSchema } from "../../src/tools/schema/tool-schema.ts";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";

function withInput(inputSchema: ToolSchema): ToolExecutor {
  const tools = new ToolExecutor();
  tools.register({ name: "t", inputSchema }, (args) => args);
  return tools;
}

async function issuesOf(schema: ToolSchema, args: unknown): Promise<ValidationError["issues"]> {
  const outcome = await withInput(schema).run("t", args);
  if (outcome.ok) return [];
  expect(outcome.fate).toBe("not-run");
  if (!ValidationError.is(outcome.error)) throw outcome.error;
  return outcome.error.issues;
}

function refusal(schema: unknown): NetworkError {
  try {
    withInput(schema as ToolSchema);
  } catch (error) {
    return error as NetworkError;
  }
  throw new Error("it was accepted");
}

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

test("a value that contains itself is refused instead of followed", async () => {
  const loop: Record<string, unknown> = {};
  loop.loop = loop;
  expect(await issuesOf({}, loop)).toMatchObject([{ message: "is nested too deep" }]);
});

test.each([
  ["no object", 7, "a JSON Schema object"],
  ["an array", [], "a JSON Schema object"],
  ["a dialect nobody knows", { $schema: "https://example.com/my" }, "draft 2020-12"],
  ["2019-09", { $schema: "https://json-schema.org/draft/2019-09/schema" }, "draft 2020-12"],
  ["a reference to the network", { $ref: "https://example.com/s.json" }, "nothing is fetched"],
  ["a reference to nowhere", { properties: { a: { $ref: "#/$defs/no" } } }, "leads out of it"],
  ["$dynamicRef", { $dynamicRef: "#node" }, "$dynamicRef"],
  ["$recursiveRef", { items: { $recursiveRef: "#" } }, "$recursiveRef"],
  ["a pattern that is none", { properties: { a: { pattern: "(" } } }, "regular expression"],
  ["a name pattern that is none", { patternProperties: { "[": {} } }, "regular expression"],
  ["__proto__", JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), "__proto__"],
  ["what belongs to the validator", { __absolute_ref__: "x" }, "__absolute_ref__"],
  ["a function", { default: () => 1 }, "function"],
  ["a class", { default: new Date(0) }, "class"],
  ["an endless text", { description: "x".repeat(70_000) }, "65536"],
  ["endless depth", nested(70), "64 deep"],
])("a schema with %s is refused when the tool is registered", (_, schema, why) => {
  const error = refusal(schema);
  expect(error.code).toBe("INVALID_ARGUMENT");
  expect(error.message).toContain("inputSchema of t");
  expect(error.message).toContain(why);
});

test("a schema that asks for endless work is stopped", async () => {
  const endless = { $ref: "#" };
  const twice = { allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/a" }] };
  const doubling = { $defs: doublings(30), ...twice };

  expect(await issuesOf(endless, {})).toMatchObject([
    { message: expect.stringContaining("cannot be checked") },
  ]);
  expect(await issuesOf(doubling, {})).toMatchObject([
    { message: expect.stringContaining("too much") },
  ]);
});

test("a large value may follow a reference for each of its parts", async () => {
  const schema = {
    type: "object",
    additionalProperties: { items: { $ref: "#/$defs/n" } },
    $defs: { n: { type: "number" } },
  };
  const many = Array.from({ length: 100_000 }, (_, at) => at);
  expect(await issuesOf(schema, { many })).toEqual([]);
});

test("of a large value that is wrong everywhere the first fault is told", async () => {
  const schema = { type: "object", additionalProperties: { items: { type: "string" } } };
  const wrong = Array.from({ length: 100_000 }, (_, at) => at);
  expect(await issuesOf(schema, { wrong })).toMatchObject([{ path: ["wrong", 0] }]);
  expect(await issuesOf(schema, { wrong: [1, 2] })).toHaveLength(2);
});

test("a format that takes exponential time to check is not checked", async () => {
  const schema = { properties: { a: { format: "url" }, b: { format: "uri" } } };
  expect(await issuesOf(schema, { a: `http://${"a".repeat(64)}!` })).toEqual([]);
  expect(await issuesOf(schema, { b: "no uri" })).toMatchObject([{ path: ["b"] }]);
});

test("items that must be unique are few, since they are compared with each other", async () => {
  const schema = { type: "object", properties: { ids: { uniqueItems: true } } };
  const ids = Array.from({ length: 3_000 }, (_, id) => id);
  expect(await issuesOf(schema, { ids })).toMatchObject([{ path: ["ids"] }]);
  expect(await issuesOf(schema, { ids: [1, 2, 1] })).toMatchObject([{ path: ["ids"] }]);
  expect(await issuesOf(schema, { ids: [1, 2] })).toEqual([]);
});

test("changing a schema after the tool was registered changes nothing", async () => {
  const schema = { type: "object", required: ["a"] };
  const tools = withInput(schema);
  schema.required.length = 0;
  await expect(tools.execute("t", {})).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
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

function nested(depth: number): unknown {
  return depth === 0 ? {} : { not: nested(depth - 1) };
}

/** Each definition asks for the next one twice. */
function doublings(count: number): Record<string, unknown> {
  const names = Array.from({ length: count }, (_, at) => (at === 0 ? "a" : `a${at}`));
  return Object.fromEntries(
    names.map((name, at) => {
      const next = { $ref: `#/$defs/${names[at + 1] ?? name}` };
      return [name, at === count - 1 ? {} : { allOf: [next, next] }];
    }),
  );
}
