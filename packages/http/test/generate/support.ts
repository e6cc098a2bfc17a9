import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { NetworkError, ValidationError } from "@net/core";
import { type GenerateOptions, generateClient } from "@net/http/generate";

/** Files by their names, the first one first. A value is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** Where the files of {@link generate} lie, for `$ref`s; nothing is read there. */
const folder = "file:///api/";

/** The client of documents that lie nowhere. */
export async function generate(files: Files, options: GenerateOptions = {}): Promise<string> {
  const [first = ""] = Object.keys(files);
  const read = async (url: URL): Promise<string> => {
    const content = files[url.href.replace(folder, "")];
    if (content === undefined) throw new ValidationError("there is no such file");
    return typeof content === "string" ? content : JSON.stringify(content);
  };
  const { code } = await generateClient(`${folder}${first}`, { read, ...options });
  return code;
}

/** A document of one GET operation on `/`, and schemas. */
export function documentOf(schemas: Files = {}, paths: Files = {}): Files {
  return {
    "api.json": {
      openapi: "3.1.0",
      info: { title: "T", version: "1" },
      paths,
      components: { schemas },
    },
  };
}

/** The same in OpenAPI 3.0. */
export function document30(schemas: Files): Files {
  const document = documentOf(schemas)["api.json"] as object;
  return { "api.json": { ...document, openapi: "3.0.3" } };
}

/** The problems of documents, as their messages. */
export async function problemsOf(files: Files, options: GenerateOptions = {}): Promise<string[]> {
  try {
    await generate(files, options);
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    return error.issues.map(({ message }) => message);
  }
  throw new NetworkError("INVALID_STATE", "the documents were accepted");
}

/** What a generated file says a type is, without comments, on one line. */
export function typeIn(code: string, name: string): string {
  const start = code.indexOf(`export type ${name} =`);
  const end = code.slice(start).search(/;\n(\n|$)/);
  if (start === -1 || end === -1)
    throw new NetworkError("NOT_FOUND", `no type ${name} in:\n${code}`);
  const text = code.slice(start, start + end).replace(`export type ${name} =`, "");
  return text
    .replace(/\/\*\*.*?\*\//gs, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The path of a fixture's file. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`fixtures/${path}`, import.meta.url));
}

export function readFixture(path: string): Promise<string> {
  return readFile(fixture(path), "utf8");
}
