import { ValidationError } from "@net/core";
import { describe, expect, test } from "vitest";
import { documentOf, type Files, generate, problemsOf } from "./support.ts";

const responses = { 200: { description: "" } };
const reference = (to: string): object => ({ $ref: to });

function operation(operation: object, rest: Files = {}): Files {
  return documentOf({}, { "/a": { get: { responses, ...operation } }, ...rest });
}

describe("a document is refused, with the pointer and the reason", () => {
  test.each<[string, Files, string]>([
    [
      "Swagger 2.0",
      { "api.json": { swagger: "2.0" } },
      "api.json#/swagger: this is Swagger 2.0, and only OpenAPI 3.0 and 3.1 are read; convert it first",
    ],
    [
      "a version to come",
      { "api.json": { openapi: "4.0.0" } },
      'api.json#/openapi: it must be "3.0.x" or "3.1.x", not "4.0.0"',
    ],
    [
      "no version",
      { "api.json": {} },
      'api.json#/openapi: it must be "3.0.x" or "3.1.x", which is missing',
    ],
    ["a list", { "api.json": [] }, "api.json#: an OpenAPI document must be an object"],
    [
      "JSON that is none",
      { "api.json": '{\n "openapi": "3.1.0", ]' },
      "api.json:2:22: Expected double-quoted property name",
    ],
    [
      "YAML that is none",
      { "api.yaml": "openapi: 3.1.0\npaths: {\n" },
      "api.yaml:3:1: Flow map in block collection must be sufficiently indented and end with a }",
    ],
    [
      "a key twice",
      { "api.yaml": "openapi: 3.1.0\npaths: {}\npaths: {}\n" },
      "api.yaml:3:1: Map keys must be unique: paths",
    ],
    [
      "a $ref to nothing",
      documentOf({ A: reference("#/components/schemas/B") }),
      'api.json#/components/schemas/A: the $ref "#/components/schemas/B" leads nowhere: there is no "B" in api.json#/components/schemas',
    ],
    [
      "a $ref to no file",
      documentOf({ A: reference("b.json#/B") }),
      'api.json#/components/schemas/A: the $ref "b.json#/B" leads nowhere: there is no such file',
    ],
    [
      "a $ref to a broken file",
      { ...documentOf({ A: reference("b.yaml") }), "b.yaml": "a: [" },
      'api.json#/components/schemas/A: the $ref "b.yaml" leads nowhere: b.yaml:1:5: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      "an anchor",
      documentOf({ A: reference("#b") }),
      'api.json#/components/schemas/A: the $ref "#b" leads nowhere: its fragment is no JSON pointer, and anchors are not followed',
    ],
    [
      "a schema that is itself",
      documentOf({ A: reference("#/components/schemas/A") }),
      "api.json#/components/schemas/A: it is defined by itself: api.json#/components/schemas/A → api.json#/components/schemas/A",
    ],
    [
      "a choice of itself",
      documentOf({ A: { anyOf: [reference("#/components/schemas/A"), { type: "string" }] } }),
      "api.json#/components/schemas/A: it is defined by itself: api.json#/components/schemas/A → api.json#/components/schemas/A",
    ],
    [
      "a circle that is no schema",
      operation({ parameters: [reference("#/paths/~1a/get/parameters/0")] }),
      "api.json#/paths/~1a/get/parameters/0: its $ref leads back to itself at api.json#/paths/~1a/get/parameters/0",
    ],
    [
      "a path parameter that is not declared",
      documentOf({}, { "/a/{id}": { get: { responses } } }),
      "api.json#/paths/~1a~1{id}/get: the path parameter {id} of /a/{id} is not declared",
    ],
    [
      "a path parameter without a place",
      operation({ parameters: [{ name: "id", in: "path", schema: {} }] }),
      "api.json#/paths/~1a/get: it declares the path parameter id, which /a has no place for",
    ],
    [
      "an operationId twice",
      operation({ operationId: "x" }, { "/b": { get: { operationId: "x", responses } } }),
      'api.json#/paths/~1b/get/operationId: the operationId "x" is taken already: api.json#/paths/~1a/get/operationId',
    ],
    [
      "a parameter twice",
      operation({
        parameters: [
          { name: "q", in: "query", schema: {} },
          { name: "q", in: "query", schema: {} },
        ],
      }),
      "api.json#/paths/~1a/get/parameters/1: the query parameter q is declared twice",
    ],
    [
      "a parameter of nowhere",
      operation({ parameters: [{ name: "q", in: "body" }] }),
      'api.json#/paths/~1a/get/parameters/0: a parameter must have a name, and an "in" of query, header, path, cookie',
    ],
    [
      "a parameter of nothing",
      operation({ parameters: [{ name: "q", in: "query" }] }),
      "api.json#/paths/~1a/get/parameters/0: it needs a schema, or content with one media type",
    ],
    [
      "a style of elsewhere",
      operation({ parameters: [{ name: "q", in: "query", style: "matrix", schema: {} }] }),
      "api.json#/paths/~1a/get/parameters/0/style: the style of a query parameter is one of form, spaceDelimited, pipeDelimited, deepObject",
    ],
    [
      "a status that is none",
      operation({ responses: { ok: {} } }),
      "api.json#/paths/~1a/get/responses/ok: a response is named by its status, such as 200, 2XX, or default",
    ],
    [
      "a path without a slash",
      documentOf({}, { a: {} }),
      "api.json#/paths/a: a path must begin with a slash",
    ],
    [
      "a type that is none",
      documentOf({ A: { type: "float" } }),
      'api.json#/components/schemas/A/type: "float" is no type: string, number, integer, boolean, array, object or null',
    ],
    [
      "a schema that is none",
      documentOf({ A: 7 }),
      "api.json#/components/schemas/A: a schema must be an object, true or false",
    ],
    [
      "an enum of nothing",
      documentOf({ A: { enum: [] } }),
      "api.json#/components/schemas/A/enum: an enum must be a list of at least one value",
    ],
    [
      "a body of nothing",
      operation({ requestBody: {} }),
      "api.json#/paths/~1a/get/requestBody: a request body must name at least one media type in content",
    ],
    [
      "a discriminator of nothing",
      documentOf({ A: { oneOf: [{}], discriminator: {} } }),
      "api.json#/components/schemas/A/discriminator: a discriminator must name its property in propertyName",
    ],
    [
      "a $ref that is no URI",
      documentOf({ A: reference("http://[") }),
      'api.json#/components/schemas/A: the $ref "http://[" leads nowhere: it is no URI reference',
    ],
    [
      "a stray percent sign",
      documentOf({ A: reference("#/%") }),
      'api.json#/components/schemas/A: the $ref "#/%" leads nowhere: its fragment is no JSON pointer, and anchors are not followed',
    ],
    [
      "another kind of URL",
      documentOf({ A: reference("data:,x") }),
      'api.json#/components/schemas/A: the $ref "data:,x" leads nowhere: data: cannot be read',
    ],
    [
      "paths that are a list",
      { "api.json": { openapi: "3.1.0", paths: [] } },
      "api.json#/paths: paths must be an object",
    ],
    [
      "a path item that is none",
      documentOf({}, { "/a": 1 }),
      "api.json#/paths/~1a: a path item must be an object",
    ],
    [
      "an operation that is none",
      documentOf({}, { "/a": { get: 1 } }),
      "api.json#/paths/~1a/get: an operation must be an object",
    ],
    [
      "content that is a list",
      operation({ requestBody: { content: [] } }),
      "api.json#/paths/~1a/get/requestBody/content: content must be an object with a key per media type",
    ],
    [
      "parameters that are an object",
      operation({ parameters: {} }),
      "api.json#/paths/~1a/get/parameters: parameters must be a list",
    ],
    [
      "a choice of nothing",
      documentOf({ A: { oneOf: {} } }),
      "api.json#/components/schemas/A/oneOf: oneOf must be a list of at least one schema",
    ],
    [
      "required that is no list of names",
      documentOf({ A: { required: [1] } }),
      "api.json#/components/schemas/A/required: required must be a list of names",
    ],
  ])("%s", async (_, files, problem) => {
    expect(await problemsOf(files)).toContain(problem);
  });
});

test("all problems are told at once, each with its path", async () => {
  const files = documentOf({ A: { type: "x" }, B: 1 }, { "/{c}": { get: { responses } } });

  const error: unknown = await generate(files).catch((reason: unknown) => reason);

  expect(
    ValidationError.is(error, "INVALID_ARGUMENT") && error.issues.map(({ path }) => path),
  ).toEqual([
    ["paths", "/{c}", "get"],
    ["components", "schemas", "A", "type"],
    ["components", "schemas", "B"],
  ]);
  expect(String(error)).toContain(
    "the OpenAPI document has 3 problems:\n  api.json#/paths/~1{c}/get: ",
  );
});

test("very many problems are counted, not told", async () => {
  const schemas = Object.fromEntries(Array.from({ length: 150 }, (_, number) => [`S${number}`, 1]));

  expect(await problemsOf(documentOf(schemas))).toHaveLength(100);
  await expect(generate(documentOf(schemas))).rejects.toThrow(
    /has 150 problems:[\s\S]*and 50 more$/,
  );
});
