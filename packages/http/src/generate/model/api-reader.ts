import { isRecord } from "@net/core";
import { childOf, entriesOf, itemsOf, type Place, stringAt } from "../resolve/place.ts";
import type { Api, ApiPath } from "./api.ts";
import { checkCircles } from "./circles.ts";
import type { OperationIds } from "./operation-ids.ts";
import { readOperations } from "./operations.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** Reads the whole description. What is wrong with it is noted with the reader's problems. */
export function readApi(reader: SchemaReader, root: Place, ids: OperationIds): Api {
  for (const [, schema] of entriesOf(childOf(childOf(root, "components") ?? root, "schemas"))) {
    reader.name(schema);
  }
  const paths = readPaths(reader, root, ids);
  reader.finish();
  checkCircles(reader.named, reader.problems);
  return {
    ...infoOf(root),
    servers: serversOf(root),
    schemas: reader.named.map(({ named }) => named),
    paths,
  };
}

function readPaths(reader: SchemaReader, root: Place, ids: OperationIds): readonly ApiPath[] {
  const paths = childOf(root, "paths");
  if (!paths) return [];
  if (!isRecord(paths.value)) reader.problems.at(paths, "paths must be an object");
  return entriesOf(paths)
    .filter(([template]) => !template.startsWith("x-"))
    .flatMap(([template, item]) => {
      if (!template.startsWith("/")) {
        reader.problems.at(item, "a path must begin with a slash");
        return [];
      }
      return [{ template, operations: readOperations(reader, template, item, ids) }];
    });
}

function infoOf(root: Place): Pick<Api, "title" | "version" | "openapi"> {
  const info = childOf(root, "info") ?? root;
  return {
    title: stringAt(info, "title") ?? "an API",
    version: stringAt(info, "version") ?? "",
    openapi: stringAt(root, "openapi") ?? "",
  };
}

function serversOf(root: Place): readonly string[] {
  return itemsOf(childOf(root, "servers")).flatMap((server) => {
    const variables = childOf(server, "variables");
    const url = stringAt(server, "url")?.replace(/\{([^{}]+)\}/g, (all, name: string) => {
      const variable = variables && childOf(variables, name);
      return (variable && stringAt(variable, "default")) ?? all;
    });
    return url === undefined ? [] : [url];
  });
}
