import { describe, expect, test } from "vitest";
import { document30, documentOf, generate, typeIn } from "./support.ts";

const reference = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

async function typeOf(schema: unknown, others: Record<string, unknown> = {}): Promise<string> {
  return typeIn(await generate(documentOf({ ...others, It: schema })), "It");
}

describe("a schema becomes the type of its values", () => {
  test.each<[string, unknown, string]>([
    ["anything", {}, "unknown"],
    ["true", true, "unknown"],
    ["false", false, "never"],
    ["text", { type: "string" }, "string"],
    ["an integer", { type: "integer", format: "int64" }, "number"],
    ["several types", { type: ["string", "number", "null"] }, "string | number | null"],
    ["an enum", { enum: ["a", 1, true, null] }, '"a" | 1 | true | null'],
    ["an enum of what TypeScript cannot say", { enum: ["a", { b: 1 }] }, "unknown"],
    ["a constant", { const: "it's" }, '"it\'s"'],
    ["a constant with quotes", { const: 'say "hi"' }, "'say \"hi\"'"],
    ["a list", { type: "array", items: { type: "string" } }, "string[]"],
    ["a list of a choice", { items: { type: ["string", "null"] } }, "(string | null)[]"],
    ["a list of anything", { type: "array" }, "unknown[]"],
    ["bytes", { contentMediaType: "image/png" }, "Uint8Array"],
    [
      "bytes as text",
      { type: "string", contentMediaType: "image/png", contentEncoding: "base64" },
      "string",
    ],
    ["an object of anything", { type: "object" }, "{ [key: string]: unknown; }"],
    [
      "an object of nothing",
      { type: "object", additionalProperties: false },
      "{ [key: string]: never; }",
    ],
    ["a map", { additionalProperties: { type: "integer" } }, "{ [key: string]: number; }"],
    [
      "a map by pattern",
      { patternProperties: { "^x-": { type: "string" } } },
      "{ [key: string]: string; }",
    ],
    [
      "properties",
      { properties: { a: { type: "string" }, "b-c": { type: "number" } }, required: ["a"] },
      '{ a: string; "b-c"?: number; }',
    ],
    [
      "properties and others",
      { properties: { a: { type: "string" } }, additionalProperties: { type: "number" } },
      "{ a?: string; [key: string]: number | string | undefined; }",
    ],
    [
      "what must be there, whatever it is",
      { required: ["a"] },
      "{ a: NonNullable<unknown> | null; }",
    ],
    [
      "a tuple",
      { prefixItems: [{ type: "string" }, { type: "number" }], minItems: 1 },
      "[string, number?, ...unknown[]]",
    ],
    [
      "a closed tuple",
      { prefixItems: [{ type: "string" }], items: false, minItems: 1 },
      "[string]",
    ],
    ["one of several", { oneOf: [{ type: "string" }, { type: "integer" }] }, "string | number"],
    ["any of several", { anyOf: [{ type: "string" }, { type: "string" }] }, "string"],
    [
      "all of several objects",
      {
        allOf: [
          { type: "object" },
          { properties: { a: { type: "string" } } },
          { properties: { b: { type: "string" } }, required: ["a"] },
        ],
      },
      "{ a: string; b?: string; }",
    ],
  ])("%s", async (_, schema, type) => {
    expect(await typeOf(schema)).toBe(type);
  });

  test("in OpenAPI 3.0 nullable adds null, also to an enum", async () => {
    const code = await generate(
      document30({
        Text: { type: "string", nullable: true },
        Kind: { type: "string", enum: ["a"], nullable: true },
        Beside: { ...reference("Text"), nullable: true, properties: { ignored: {} } },
      }),
    );

    expect(typeIn(code, "Text")).toBe("string | null");
    expect(typeIn(code, "Kind")).toBe('"a" | null');
    expect(typeIn(code, "Beside")).toBe("Text");
  });

  test("in OpenAPI 3.1 what stands beside a $ref holds too", async () => {
    const other = { Other: { type: "object", properties: { a: { type: "string" } } } };

    expect(await typeOf({ ...reference("Other"), required: ["a"] }, other)).toBe(
      "Other & { a: NonNullable<unknown> | null; }",
    );
  });
});

describe("schemas refer to each other", () => {
  test("recursion is a type that names itself", async () => {
    const node = { properties: { next: reference("It"), all: { items: reference("It") } } };

    expect(await typeOf(node)).toBe("{ next?: It; all?: It[]; }");
  });

  test("what is referred to inside a schema becomes a type of its own", async () => {
    const code = await generate(
      documentOf({
        Pet: { properties: { owner: { properties: { name: { type: "string" } } } } },
        It: { $ref: "#/components/schemas/Pet/properties/owner" },
      }),
    );

    expect(typeIn(code, "It")).toBe("Owner");
    expect(typeIn(code, "Owner")).toBe("{ name?: string; }");
  });

  test("a discriminator says which member has which value", async () => {
    const pet = {
      oneOf: [reference("Cat"), reference("Dog")],
      discriminator: {
        propertyName: "kind",
        mapping: { cat: "Cat", kitten: "#/components/schemas/Cat" },
      },
    };
    const animal = { type: "object", properties: { kind: { type: "string" } } };

    expect(await typeOf(pet, { Cat: animal, Dog: animal })).toBe(
      '| (Cat & { kind: "cat" | "kitten"; }) | (Dog & { kind: "Dog"; })',
    );
  });

  test("a schema that extends a base with a discriminator knows its value", async () => {
    const base = {
      type: "object",
      required: ["kind"],
      properties: { kind: { type: "string" } },
      discriminator: { propertyName: "kind" },
    };

    expect(await typeOf({ allOf: [reference("Base")] }, { Base: base })).toBe(
      'Base & { kind: "It"; }',
    );
  });

  test("a base that lists its extensions, which extend it, is no circle", async () => {
    const code = await generate(
      documentOf({
        Base: {
          oneOf: [reference("Cat")],
          properties: { kind: { type: "string" } },
          discriminator: { propertyName: "kind" },
        },
        Cat: { allOf: [reference("Base"), { properties: { lives: { type: "integer" } } }] },
      }),
    );

    expect(typeIn(code, "Cat")).toBe('{ kind: "Cat"; lives?: number; }');
  });
});

describe("requests and responses differ", () => {
  const paths = {
    "/": {
      put: {
        requestBody: { content: { "application/json": { schema: reference("It") } } },
        responses: {
          200: { description: "", content: { "application/json": { schema: reference("It") } } },
        },
      },
    },
  };

  test("by what may only be read or written, also deeper down", async () => {
    const code = await generate(
      documentOf(
        {
          It: { properties: { id: { type: "integer", readOnly: true }, user: reference("User") } },
          User: { properties: { password: { type: "string", writeOnly: true }, ...{ name: {} } } },
        },
        paths,
      ),
    );

    expect(typeIn(code, "It")).toBe("{ id?: number; user?: User; }");
    expect(typeIn(code, "ItRequest")).toBe("{ user?: UserRequest; }");
    expect(typeIn(code, "User")).toBe("{ name?: unknown; }");
    expect(typeIn(code, "UserRequest")).toBe("{ password?: string; name?: unknown; }");
    expect(code).toMatch(/requestBody\?: \{\s+content: \{\s+"application\/json": ItRequest;/);
  });

  test("and nothing is required that does not travel", async () => {
    const user = {
      id: { readOnly: true },
      password: { writeOnly: true },
      name: { type: "string" },
    };
    const schemas = {
      It: { allOf: [reference("User"), { required: ["id", "password", "name"] }] },
      User: { type: "object", properties: user },
    };
    const code = await generate(documentOf(schemas, paths));
    const present = "NonNullable<unknown> | null";

    expect(typeIn(code, "It")).toBe(`User & { id: ${present}; name: ${present}; }`);
    expect(typeIn(code, "ItRequest")).toBe(
      `UserRequest & { password: ${present}; name: ${present}; }`,
    );
  });

  test("by bytes, which may be a Blob on the way out", async () => {
    const code = await generate(documentOf({ It: { type: "string", format: "binary" } }, paths));

    expect(typeIn(code, "It")).toBe("Uint8Array");
    expect(typeIn(code, "ItRequest")).toBe("Blob | Uint8Array");
  });

  test("and have one type where nothing differs, or nobody sends it", async () => {
    const readOnly = { properties: { id: { readOnly: true } } };

    expect(await generate(documentOf({ It: { type: "string" } }, paths))).not.toContain(
      "ItRequest",
    );
    expect(await generate(documentOf({ It: readOnly }))).not.toContain("ItRequest");
  });
});

describe("names", () => {
  test("become identifiers with a capital, each once", async () => {
    const names = [
      "pet",
      "Pet",
      "pet-store.item",
      "1st",
      "class",
      "string",
      "Blob",
      "été",
      "«x»",
      "***",
    ];
    const code = await generate(
      documentOf(Object.fromEntries(names.map((name) => [name, { const: name }]))),
    );

    const types = [...code.matchAll(/^export type (\S+) = (.*);$/gm)].map(
      ([, name, type]) => `${name} = ${type}`,
    );
    expect(types).toEqual([
      'Pet2 = "pet"',
      'Pet = "Pet"',
      'PetStoreItem = "pet-store.item"',
      'Schema1st = "1st"',
      'Class = "class"',
      'String = "string"',
      'Blob2 = "Blob"',
      'Été = "été"',
      'X = "«x»"',
      'Schema = "***"',
    ]);
  });

  test("of operations are their ids, or made of method and path", async () => {
    const responses = { 200: { description: "" } };
    const parameters = [{ name: "id", in: "path", schema: {} }];
    const code = await generate(
      documentOf(
        {},
        {
          "/a/{id}": {
            get: { responses, parameters },
            put: { operationId: "getAId", responses, parameters },
          },
          "/b": { get: { operationId: "b.list-all", responses } },
        },
      ),
    );

    expect(code).toContain('getAId2: { method: "GET", path: "/a/{id}" }');
    expect(code).toContain('getAId: { method: "PUT", path: "/a/{id}" }');
    expect(code).toContain('"b.list-all": { method: "GET", path: "/b" }');
    expect(code).toContain('get: operations["b.list-all"];');
  });
});

describe("parameters", () => {
  const shared = [
    { name: "id", in: "path", schema: { type: "integer" } },
    { name: "q", in: "query", schema: { type: "integer" } },
    { name: "all", in: "query", schema: { type: "boolean" } },
  ];
  const own = { name: "q", in: "query", required: true, schema: { type: "string" } };
  const get = { parameters: [own], responses: {} };

  test("of a path are its operations', but for those that these declare themselves", async () => {
    const code = await generate(documentOf({}, { "/{id}": { parameters: shared, get } }));

    expect(code).toMatch(/query: \{\s+q: string;\s+all\?: boolean \| undefined;\s+\}/);
  });

  test("in a path must be there, whatever the document says", async () => {
    const code = await generate(documentOf({}, { "/{id}": { parameters: shared, get } }));

    expect(code).toMatch(/path: \{\s+id: number;\s+\}/);
  });

  test("that are set elsewhere are none", async () => {
    const names = ["Accept", "Content-Type", "Authorization", "X-Other"];
    const parameters = names.map((name) => ({ name, in: "header", schema: {} }));
    const code = await generate(documentOf({}, { "/": { get: { parameters, responses: {} } } }));

    expect(code).toMatch(/header\?: \{\s+"X-Other"\?: unknown;\s+\}/);
  });
});

test("what a document says for people becomes comments", async () => {
  const code = await generate(
    documentOf({
      It: {
        description: "A pet.\n\n\n\nWith *four* legs.",
        deprecated: true,
        properties: { size: { type: "integer", format: "int32", default: 4, title: "Size" } },
      },
    }),
  );

  expect(code).toContain(
    "/**\n * A pet.\n *\n * With *four* legs.\n *\n * @deprecated\n */\nexport type It",
  );
  expect(code).toContain(
    "  /**\n   * Size\n   *\n   * Format: int32.\n   * @default 4\n   */\n  size?: number;",
  );
});
