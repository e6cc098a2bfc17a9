import { expect, test } from "vitest";
import { issuesOf, refusal, withInput } from "./support/schemas.ts";

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
