import { expect, test } from "vitest";
import { z } from "zod";
import {
  fittingManifests,
  manifestOf,
  parseManifest,
  parseManifests,
  type ToolManifest,
} from "../../src/tools/manifest.ts";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";

test("a manifest says all that others need, and no more", () => {
  const manifest = manifestOf({
    ...{ name: "search", title: "Search", description: "Finds things", version: "1.2" },
    inputSchema: { type: "object" },
    outputSchema: z.array(z.string()),
    annotations: { readOnlyHint: true, openWorldHint: false },
    ...{ requires: ["web"], concurrency: 3, queue: 1, idempotent: true, permission: "search" },
  });
  expect(manifest).toEqual({
    ...{ name: "search", title: "Search", description: "Finds things", version: "1.2" },
    inputSchema: { type: "object" },
    outputSchema: expect.objectContaining({ type: "array", items: { type: "string" } }),
    annotations: { readOnlyHint: true, openWorldHint: false, idempotentHint: true },
    ...{ requires: ["web"], idempotent: true, permission: "search" },
  });
  expect(manifestOf({ name: "bare" })).toEqual({ name: "bare" });
});

test("an executor describes its tools in the order of their names", () => {
  const tools = new ToolExecutor();
  for (const name of ["b", "a", "c"]) tools.register({ name }, () => 1);
  expect(tools.describeTools().map(({ name }) => name)).toEqual(["a", "b", "c"]);
});

test("a manifest survives JSON, and what it holds besides is left out", () => {
  const manifest = manifestOf({
    ...{ name: "t", inputSchema: { type: "object", properties: {} }, requires: ["gpu"] },
    annotations: { destructiveHint: true },
  });
  const wire: unknown = JSON.parse(JSON.stringify({ ...manifest, idempotent: "yes", evil: 1 }));
  expect(parseManifest(wire)).toEqual(manifest);
});

test.each([
  ["nothing", undefined],
  ["a list", []],
  ["no name", {}],
  ["a name with a line break", { name: "a\nb" }],
  ["an endless name", { name: "x".repeat(129) }],
  ["a description that is no text", { name: "t", description: 1 }],
  ["a description that is no UTF-16", { name: "t", description: "\ud800" }],
  ["an endless description", { name: "t", description: "x".repeat(8_193) }],
  ["a schema that is a boolean", { name: "t", inputSchema: true }],
  ["a schema that is too large", { name: "t", outputSchema: { description: "x".repeat(70_000) } }],
  ["a schema with __proto__", JSON.parse('{"name":"t","inputSchema":{"__proto__":{}}}')],
  ["annotations that are a text", { name: "t", annotations: "safe" }],
  ["a hint that is a text", { name: "t", annotations: { readOnlyHint: "true" } }],
  ["capabilities that are no names", { name: "t", requires: [1] }],
  ["a permission that is an object", { name: "t", permission: {} }],
])("a description with %s is a protocol error", (_, value) => {
  expect(() => parseManifest(value)).toThrow(expect.objectContaining({ code: "PROTOCOL_ERROR" }));
});

test("of tools that are too many for a message, enough is told to call them", () => {
  const tools: ToolManifest[] = ["a", "b", "c"].map((name) => ({
    ...{ name, description: "x".repeat(100), permission: "p", idempotent: true },
  }));
  const fitting = fittingManifests(tools, 350);
  expect(fitting[0]).toEqual(tools[0]);
  expect(fitting[2]).toEqual({ name: "c", permission: "p", idempotent: true });
  expect(JSON.stringify(fitting).length).toBeLessThanOrEqual(360);
  expect(fittingManifests(tools)).toEqual(tools);
});

test("what an executor tells of all its tools fits a message", () => {
  const tools = new ToolExecutor();
  for (let count = 0; count < 100; count++) {
    tools.register({ name: `${count}`, description: "x".repeat(8_000) }, () => 1);
  }
  expect(tools.describeTools()).toHaveLength(100);
  expect(JSON.stringify(tools.describeTools()).length).toBeLessThan(263_000);
});

test("a peer describes no more tools than it can have, and all of them in order", () => {
  expect(parseManifests([{ name: "a" }, { name: "b", evil: 1 }])).toEqual([
    { name: "a" },
    { name: "b" },
  ]);
  const many = Array.from({ length: 1_025 }, () => ({ name: "x" }));
  for (const wrong of [many, {}, undefined, [{ name: 7 }]]) {
    expect(() => parseManifests(wrong)).toThrow(
      expect.objectContaining({ code: "PROTOCOL_ERROR" }),
    );
  }
});
