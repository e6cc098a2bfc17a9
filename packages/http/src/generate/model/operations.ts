import { isRecord } from "@net/core";
import { childOf, entriesOf, isTrueAt, type Place } from "../resolve/place.ts";
import { type Body, type Method, methods, type Operation, type Response } from "./api.ts";
import { readContent } from "./content.ts";
import { docsOf } from "./docs.ts";
import type { OperationIds } from "./operation-ids.ts";
import { readHeaders, readParameters } from "./parameters.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** The operations of one path; its own parameters belong to each of them. */
export function readOperations(
  reader: SchemaReader,
  template: string,
  place: Place,
  ids: OperationIds,
): readonly Operation[] {
  const item = reader.resolver.follow(place);
  if (!item) return [];
  if (!isRecord(item.value)) {
    reader.problems.at(item, "a path item must be an object");
    return [];
  }
  return methods.flatMap((method) => {
    const operation = childOf(item, method);
    return operation ? [readOperation(reader, { template, item, operation, method }, ids)] : [];
  });
}

interface Found {
  readonly template: string;
  readonly item: Place;
  readonly operation: Place;
  readonly method: Method;
}

function readOperation(
  reader: SchemaReader,
  { template, item, operation, method }: Found,
  ids: OperationIds,
): Operation {
  if (!isRecord(operation.value)) reader.problems.at(operation, "an operation must be an object");
  return {
    id: ids.of(operation, method, template),
    method,
    docs: docsOf(operation),
    parameters: readParameters(reader, template, item, operation),
    body: readBody(reader, operation),
    responses: readResponses(reader, operation),
  };
}

function readBody(reader: SchemaReader, operation: Place): Body | undefined {
  const body = reader.resolver.follow(childOf(operation, "requestBody"));
  if (!body) return undefined;
  const content = readContent(reader, body);
  if (content.length === 0) {
    reader.problems.at(body, "a request body must name at least one media type in content");
  }
  return { required: isTrueAt(body, "required"), docs: docsOf(body), content };
}

const statusGrammar = /^([1-5]\d\d|[1-5]XX|default)$/;

function readResponses(reader: SchemaReader, operation: Place): readonly Response[] {
  const responses = entriesOf(childOf(operation, "responses"));
  return responses.flatMap(([key, place]) => {
    if (key.startsWith("x-")) return [];
    const status = key.toLowerCase() === "default" ? "default" : key.toUpperCase();
    if (!statusGrammar.test(status)) {
      reader.problems.at(place, "a response is named by its status, such as 200, 2XX, or default");
      return [];
    }
    const response = reader.resolver.follow(place);
    if (!response) return [];
    const headers = readHeaders(reader, response);
    return [{ status, docs: docsOf(response), headers, content: readContent(reader, response) }];
  });
}

/** Every operation of a document, before any is read. */
export function operationsOf(reader: SchemaReader, paths: Place | undefined): readonly Place[] {
  return entriesOf(paths).flatMap(([, place]) => {
    const item = reader.resolver.follow(place);
    return methods.flatMap((method) => (item && childOf(item, method)) ?? []);
  });
}
