import { stripTypeScriptTypes } from "node:module";
import { type Rng, seededRng, ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { RandomDocument } from "./random-document.ts";
import { generate, readFixture } from "./support.ts";

// More of them while one works on it: NET_SEEDS=5000.
const seeds = Array.from({ length: Number(process.env.NET_SEEDS ?? 16) }, (_, seed) => seed);

test("a random valid document becomes code that parses", async () => {
  for (const seed of seeds) {
    const document = new RandomDocument(seededRng(seed)).make();
    const code = await generate({ "api.json": document }).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`);
    });

    expect(() => stripTypeScriptTypes(code), `seed ${seed}`).not.toThrow();
  }
});

test("a document with something changed becomes code, or an error with pointers", async () => {
  const fixture = JSON.parse(await readFixture("petstore/openapi.json")) as object;
  for (const seed of seeds) {
    const rng = seededRng(seed);
    const document = rng.next() < 0.5 ? structuredClone(fixture) : new RandomDocument(rng).make();
    for (let changes = 0; changes < 3; changes++) change(document, rng);
    const ended = await outcome({ "api.json": document });

    expect(ended, `seed ${seed}`).toMatch(/^(parses|api\.json#)/);
  }
});

test("a text with something changed becomes code, or an error with a place", async () => {
  const texts = [
    await readFixture("galaxy/openapi.yaml"),
    await readFixture("petstore/openapi.json"),
  ];
  for (const seed of seeds.slice(0, seeds.length / 3)) {
    const rng = seededRng(seed);
    const text = texts[Math.floor(rng.next() * texts.length)] ?? "";
    const at = Math.floor(rng.next() * text.length);
    const inserted =
      ["{", "]", '"', "\n", "*", "&a ", "\t", "\u0000", ": "][Math.floor(rng.next() * 9)] ?? "";
    const ended = await outcome({ "api.yaml": text.slice(0, at) + inserted + text.slice(at + 2) });

    expect(ended, `seed ${seed}`).toMatch(/^(parses|api\.yaml(#|:\d+:\d+: |: ))/);
  }
});

async function outcome(files: Record<string, unknown>): Promise<string> {
  try {
    stripTypeScriptTypes(await generate(files));
    return "parses";
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    return error.issues[0]?.message ?? "an error without issues";
  }
}

const strange: readonly unknown[] = [
  null,
  0,
  -1,
  "",
  "x",
  "#/",
  "#/paths",
  true,
  [],
  [null],
  {},
  { $ref: "#/components" },
  { $ref: 7 },
  { type: "object", properties: [] },
];

/** Replaces, removes or moves one value, anywhere. */
function change(document: object, rng: Rng): void {
  let container: Record<string, unknown> = document as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(container);
    const key = keys[Math.floor(rng.next() * keys.length)];
    if (key === undefined) return;
    const value = container[key];
    const isContainer =
      typeof value === "object" && value !== null && Object.keys(value).length > 0;
    if (isContainer && rng.next() < 0.8) {
      container = value as Record<string, unknown>;
      continue;
    }
    if (rng.next() < 0.3) delete container[key];
    else container[key] = structuredClone(strange[Math.floor(rng.next() * strange.length)]);
    return;
  }
}
