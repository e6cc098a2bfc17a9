import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { generateClient } from "@net/http/generate";
import { expect, test } from "vitest";
import * as pets from "../../examples/petstore/client.ts";
import * as assistant from "./fixtures/assistant/client.ts";
import * as galaxy from "./fixtures/galaxy/client.ts";
import * as petstore from "./fixtures/petstore/client.ts";
import * as readme from "./fixtures/readme/client.ts";
import { fixture, readFixture } from "./support.ts";

/** Documents, and the clients in the same folders. */
const documents = [
  ["petstore/openapi.json", petstore],
  ["galaxy/openapi.yaml", galaxy],
  ["readme/openapi.json", readme],
  ["assistant/openapi.yaml", assistant],
  ["../../../examples/petstore/openapi.yaml", pets],
] as const;

const clientOf = (document: string): string => document.replace(/[^/]*$/, "client.ts");

test.each(documents)(
  "the client of %s is the one checked in, twice the same",
  async (document, client) => {
    const generated = await generateClient(fixture(document));
    const again = await generateClient(fixture(document));

    expect(generated.code).toBe(await readFixture(clientOf(document)));
    expect(again.code).toBe(generated.code);
    expect(Object.keys(client).sort()).toEqual(["api", "createClient"]);
    expect(Object.keys(client.api.operations)).toHaveLength(generated.operations);
  },
);

test.each(["petstore", "galaxy", "readme"])("%s has its licence beside it", async (name) => {
  expect(await readFixture(`${name}/LICENSE`)).toMatch(
    /Apache License|Permission is hereby granted/,
  );
});

/** What users may set: stricter than this is nobody. */
const strictest = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  declaration: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  module: "nodenext",
  target: "es2024",
  lib: ["es2024", "esnext.disposable"],
  types: ["node"],
  customConditions: ["@net/source"],
};

test("all clients, and what their types must refuse, type-check under the strictest settings", {
  timeout: 60_000,
}, async () => {
  // Beside the clients: the compiler looks for `@net/http` and the types of Node from there on upwards.
  const folder = await mkdtemp(fixture("checked-"));
  try {
    const config = join(folder, "tsconfig.json");
    const clients = documents.map(([document]) => fixture(clientOf(document)));
    const files = [...clients, fixture("../../api/types.test.ts")];
    await writeFile(config, JSON.stringify({ compilerOptions: strictest, files }));
    expect(await diagnostics(config)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What the compiler says of anything but the package's own sources, which are checked with all others. */
async function diagnostics(config: string): Promise<string[]> {
  const compiler = fileURLToPath(
    new URL("bin/tsc", import.meta.resolve("typescript/package.json")),
  );
  const child = spawn(process.execPath, [compiler, "-p", config], { cwd: fixture(".") });
  const [out, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const lines = (out + errors).split("\n").filter(Boolean);
  return lines.filter((line) => !/^[./]*(core\/)?src\//.test(line));
}
