import { isRecord } from "@net/core";
import { documentError } from "../problems.ts";
import { childOf, type Document, describePlace, rootOf } from "../resolve/place.ts";

export type Version = "3.0" | "3.1";

/** Which OpenAPI a document is. @throws ValidationError if it is none that can be read. */
export function versionOf(document: Document): Version {
  const root = rootOf(document);
  if (!isRecord(root.value))
    throw wrong(`${document.name}#: an OpenAPI document must be an object`);
  const swagger = childOf(root, "swagger");
  if (swagger) {
    const message = `${describePlace(swagger)}: this is Swagger ${String(swagger.value)}, and only OpenAPI 3.0 and 3.1 are read; convert it first`;
    throw wrong(message, ["swagger"]);
  }
  const openapi = childOf(root, "openapi");
  const version = /^3\.[01](?=\.|$)/.exec(String(openapi?.value))?.[0];
  if (version === "3.0" || version === "3.1") return version;
  const is = openapi ? `not ${JSON.stringify(openapi.value)}` : "which is missing";
  const message = `${document.name}#/openapi: it must be "3.0.x" or "3.1.x", ${is}`;
  throw wrong(message, ["openapi"]);
}

function wrong(message: string, path: readonly string[] = []): Error {
  return documentError([{ message, path }]);
}
