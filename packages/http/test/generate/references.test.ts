import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AbortedError, ValidationError } from "@net/core";
import { type DocumentReader, generateClient } from "@net/http/generate";
import { describe, expect, test } from "vitest";
import { documentOf, fixture, generate, problemsOf, typeIn } from "./support.ts";

const pet = { type: "object", properties: { name: { type: "string" } } };
const to = (reference: string): object => ({ $ref: reference });

describe("documents refer to others", () => {
  test("in files beside them, which refer back and to each other", async () => {
    const code = await generate({
      ...documentOf({ A: to("b.json#/B"), Id: { type: "integer" } }),
      "b.json": {
        B: { properties: { id: to("api.json#/components/schemas/Id"), c: to("c/c.yaml") } },
      },
      "c/c.yaml": "properties:\n  up: { $ref: ../b.json#/B }\n",
    });

    expect(typeIn(code, "A")).toBe("B");
    expect(typeIn(code, "B")).toBe("{ id?: Id; c?: C; }");
    expect(typeIn(code, "C")).toBe("{ up?: B; }");
  });

  test("with escapes of pointers and of URIs", async () => {
    const schemas = { "a/b~c d%": pet, A: to("#/components/schemas/a~1b~0c%20d%25") };

    expect(typeIn(await generate(documentOf(schemas)), "A")).toBe("ABCD");
  });

  test("of paths, parameters, bodies and responses", async () => {
    const code = await generate({
      "api.json": {
        openapi: "3.0.3",
        info: { title: "T", version: "1" },
        paths: { "/a": to("b.json#/item") },
      },
      "b.json": {
        item: {
          parameters: [to("#/q")],
          post: { requestBody: to("#/body"), responses: { 200: to("#/response") } },
        },
        q: { name: "q", in: "query", schema: { type: "integer" } },
        body: { content: { "application/json": { schema: { type: "boolean" } } } },
        response: { description: "", headers: { X: to("#/header") }, content: {} },
        header: { schema: { type: "string" } },
      },
    });

    expect(code).toContain("q?: number | undefined;");
    expect(code).toContain('"application/json": boolean;');
    expect(code).toContain("x?: string;");
  });
});

describe("nothing is read that was not asked for", () => {
  const remote = documentOf({ A: to("https://api.example/b.json#/B") });

  test("documents on the network are not fetched", async () => {
    expect(await problemsOf(remote)).toEqual([
      'api.json#/components/schemas/A: the $ref "https://api.example/b.json#/B" leads nowhere: it lies on the network, and fetching references was not asked for (allowRemoteRefs)',
    ]);
  });

  test("they are with allowRemoteRefs", async () => {
    const asked: string[] = [];
    const read: DocumentReader = async ({ href }) => {
      asked.push(href);
      return JSON.stringify(href.startsWith("https:") ? { B: pet } : remote["api.json"]);
    };

    expect(typeIn(await generate(remote, { read, allowRemoteRefs: true }), "A")).toBe("B");
    expect(asked).toEqual(["file:///api/api.json", "https://api.example/b.json"]);
  });

  test("a document from the network reads no files, and none of its neighbours unless asked", async () => {
    const document = documentOf({ A: to("file:///secret.json"), B: to("b.json") })["api.json"];
    const read: DocumentReader = async () => JSON.stringify(document);
    const generated = generateClient("https://api.example/api.json", { read });

    await expect(generated).rejects.toThrow(
      /secret.json" leads nowhere: a document from the network may not read files/,
    );
    await expect(generated).rejects.toThrow(/"b.json" leads nowhere: it lies on the network/);
  });

  test("files outside the document's folder are not read, not even by links", async () => {
    const home = await mkdtemp(join(tmpdir(), "net-http-generate-"));
    try {
      await mkdir(join(home, "api"));
      await writeFile(join(home, "outside.json"), JSON.stringify({ B: pet }));
      await symlink(join(home, "outside.json"), join(home, "api/link.json"));
      const document = documentOf({ A: to("../outside.json#/B"), L: to("link.json#/B") })[
        "api.json"
      ];
      const file = join(home, "api/api.json");
      await writeFile(file, JSON.stringify(document));

      const refused = generateClient(file);
      await expect(refused).rejects.toThrow(
        /A: the \$ref .* leads nowhere: it lies outside the folder/,
      );
      await expect(refused).rejects.toThrow(
        /L: the \$ref .* leads nowhere: it lies outside the folder/,
      );
      const { code } = await generateClient(file, { refRoot: home });
      expect(typeIn(code, "A")).toBe("B");
    } finally {
      await rm(home, { recursive: true });
    }
  });

  test("what is no plain file is no document: a folder, a device, a pipe", async () => {
    await expect(generateClient(fixture("petstore"))).rejects.toThrow(
      "cannot read petstore: it is not a plain file",
    );
  });

  test("what is neither a file nor at an http URL is refused", async () => {
    await expect(generateClient("ftp://api.example/api.json")).rejects.toThrow(
      '"ftp://api.example/api.json" is neither a file\'s path nor an http or https URL',
    );
  });
});

describe("documents cost what they may", () => {
  test("larger than maxDocumentBytes is refused", async () => {
    const generated = generateClient(new URL("fixtures/petstore/openapi.json", import.meta.url), {
      limits: { maxDocumentBytes: 1_000 },
    });

    await expect(generated).rejects.toThrow(
      "cannot read openapi.json: it is larger than 1000 bytes",
    );
  });

  test("more than maxDocuments are not read", async () => {
    const files = {
      ...documentOf({ A: to("b.json"), B: to("c.json") }),
      "b.json": {},
      "c.json": {},
    };

    expect(await problemsOf(files, { limits: { maxDocuments: 2 } })).toEqual([
      'api.json#/components/schemas/B: the $ref "c.json" leads nowhere: more than 2 documents are referred to',
    ]);
  });

  test("deeper than maxDepth is refused", async () => {
    const nested = { items: { items: { items: {} } } };

    await expect(
      generate(documentOf({ A: nested }), { limits: { maxDepth: 4 } }),
    ).resolves.toBeTypeOf("string");
    expect(await problemsOf(documentOf({ A: nested }), { limits: { maxDepth: 3 } })).toEqual([
      "api.json#/components/schemas/A/items/items/items: it is nested more than 3 schemas deep",
    ]);
  });

  test("more than maxSchemas are refused", async () => {
    const files = documentOf({ A: {}, B: {}, C: {} });

    expect(await problemsOf(files, { limits: { maxSchemas: 2 } })).toEqual([
      "api.json#/components/schemas/C: there are more than 2 schemas",
    ]);
  });

  test("what takes longer to parse than it may is given up, though nothing of it waits", async () => {
    // Tag after tag: the parser compares each with all before it.
    const tags = `a: ${"!!a ".repeat(50_000)}`;

    expect(await problemsOf({ "api.yaml": tags }, { limits: { timeout: 100 } })).toEqual([
      "api.yaml: it takes more than 100 ms to parse",
    ]);
  });

  test("so is what takes longer to make a client of", async () => {
    const wide = Array.from({ length: 40_000 }, (_, number) => [`S${number}`, { type: "string" }]);
    const read = async (): Promise<string> =>
      JSON.stringify(documentOf(Object.fromEntries(wide))["api.json"]);
    const parsed = await problemsOf({ "api.json": "" }, { read, limits: { timeout: 20 } });

    expect(parsed).toHaveLength(1);
    expect(parsed[0]).toMatch(
      /^api\.json: it takes more than 20 ms to (parse|make a client of it)$/,
    );
  });

  test("a limit must be one", async () => {
    await expect(generate(documentOf(), { limits: { maxDepth: 0 } })).rejects.toThrow(
      "limits.maxDepth must be a finite number above 0, not 0",
    );
  });

  test.each([
    [
      "JSON",
      "api.json",
      `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      "api.json#: an OpenAPI document must be an object",
    ],
    ["YAML", "api.yaml", `a: ${"[".repeat(5_000)}`, "api.yaml: it is nested too deeply to be read"],
  ])("%s that is nested without end is refused", async (_, name, text, problem) => {
    expect(await problemsOf({ [name]: text })).toEqual([problem]);
  });

  test("aliases that multiply are refused", async () => {
    const levels = Array.from({ length: 8 }, (_, level) => {
      const items =
        level === 0 ? "x" : Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ");
      return `a${level}: &a${level} [${items}]\n`;
    });

    expect(await problemsOf({ "api.yaml": `openapi: 3.1.0\n${levels.join("")}` })).toEqual([
      "api.yaml: Excessive alias count indicates a resource exhaustion attack",
    ]);
  });

  test("an alias of itself is refused like any depth", async () => {
    const yaml =
      "openapi: 3.1.0\ncomponents:\n  schemas:\n    A: &a\n      properties:\n        self: *a\n";

    expect((await problemsOf({ "api.yaml": yaml })).at(0)).toMatch(
      /it is nested more than 100 schemas deep$/,
    );
  });

  test("a chain of references that is no schema has an end", async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 200 }, (_, step) => [
        `R${step}`,
        to(`#/components/responses/R${step + 1}`),
      ]),
    );
    const paths = { "/": { get: { responses: { 200: to("#/components/responses/R0") } } } };
    const document = {
      ...(documentOf({}, paths)["api.json"] as object),
      components: { responses: chain },
    };

    expect(await problemsOf({ "api.json": document })).toEqual([
      "api.json#/paths/~1/get/responses/200: its $ref leads to more than 100 others, one after the other",
    ]);
  });
});

test("an aborted signal ends it", async () => {
  const error: unknown = await generateClient(
    new URL("fixtures/petstore/openapi.json", import.meta.url),
    {
      signal: AbortSignal.abort(),
    },
  ).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(AbortedError);
  expect(error).not.toBeInstanceOf(ValidationError);
});
