import { stripTypeScriptTypes } from "node:module";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { documentOf, generate } from "./support.ts";

/** Texts that would end a comment, string, template, type or name, were they written as they are. */
const attacks = [
  "*/ globalThis.pwned = 1; /*",
  '"; globalThis.pwned = 1; "',
  "'; globalThis.pwned = 1; '",
  ["`$", "{globalThis.pwned = 1}`"].join(""),
  "\n globalThis.pwned = 1; //",
  "\r globalThis.pwned = 1; //",
  "\u2028 globalThis.pwned = 1; //",
  "\u2029 globalThis.pwned = 1; //",
  "\u0085 globalThis.pwned = 1; //",
  "] = globalThis.pwned = 1; [",
  "}; globalThis.pwned = 1; type X = {",
  "\\",
  "\\u0022; globalThis.pwned = 1; //",
  "__proto__",
  "constructor",
  "</script>",
  "@ts-expect-error",
  "* @ts-ignore",
  "\u202e\u0000\u001b[2J",
  "import('node:fs')",
];

/** The attack in every place that a document has for a text. */
function documentWith(text: string): object {
  const schema = {
    title: text,
    description: text,
    format: text,
    default: text,
    type: "object",
    required: [text],
    properties: { [text]: { enum: [text, `${text}2`], description: text } },
    discriminator: { propertyName: text, mapping: { [text]: "#/components/schemas/Plain" } },
    oneOf: [{ $ref: "#/components/schemas/Plain" }, { const: text }],
  };
  const content = { [text]: { schema, encoding: { [text]: { contentType: text } } } };
  const parameters = ["query", "header", "cookie"].map((place) => ({
    name: text,
    in: place,
    description: text,
    content: { [text]: { schema } },
  }));
  const response = { description: text, headers: { [text]: { schema } }, content };
  const operation = {
    operationId: text,
    summary: text,
    description: text,
    parameters,
    requestBody: { description: text, content },
    responses: { 200: response, default: response },
  };
  return {
    openapi: "3.1.0",
    info: { title: text, version: text },
    servers: [{ url: `https://{v}/${text}`, variables: { v: { default: text } } }],
    paths: { [`/${text.replace(/[{}]/g, "")}`]: { get: operation } },
    components: { schemas: { [text]: schema, Plain: { type: "object" } } },
  };
}

interface Ran {
  readonly api: { readonly operations: Readonly<Record<string, { readonly path: string }>> };
}

/** Runs what is left of a generated file without its types and its import, and gives its globals. */
function run(code: string): Ran {
  const javascript = stripTypeScriptTypes(code)
    .replace(/^import .*$/m, "")
    .replaceAll("export function", "function")
    .replaceAll("export const", "var");
  const globals = {};
  runInNewContext(javascript, globals);
  return globals as Ran;
}

test.each(attacks)("%j stays a text wherever a document says it", async (text) => {
  const code = await generate({ "api.json": documentWith(text) });
  const globals = run(code);
  const { api } = globals;

  expect(Object.keys(globals).sort()).toEqual(["api", "createClient"]);
  expect(Object.keys(api.operations)).toEqual([text]);
  expect(Object.values(api.operations)[0]?.path).toBe(`/${text.replace(/[{}]/g, "")}`);
  expect(Object.getPrototypeOf(api.operations)).toHaveProperty("hasOwnProperty");
});

test("a comment holds no instruction for a compiler, formatter or linter", async () => {
  const lines = [
    "@ts-expect-error",
    "@ts-nocheck",
    "biome-ignore lint: no",
    "eslint-disable",
    "oxlint-disable",
  ];
  const code = await generate(documentOf({ A: { description: lines.join("\n") } }));

  for (const line of lines) expect(code).toContain(`\n * \\${line}\n`);
});

test("no character is invisible, or moves what stands beside it", async () => {
  const code = await generate({ "api.json": documentWith("a\u202eb\u200bc\u0007d") });

  expect(code).not.toMatch(/[^\P{C}\n]/u);
});
