import {
  type Api,
  type Body,
  locations,
  type Operation,
  type Parameter,
  type ParameterForm,
} from "../model/api.ts";
import type { Value } from "./value.ts";

interface Fields {
  readonly [key: string]: Value;
}

/**
 * What a client needs to know of an API while it runs: each operation's method and path, and what differs from
 * the usual: styles of parameters, media types other than JSON.
 */
export function descriptionOf({ servers, paths }: Api): Fields {
  const operations = paths.flatMap(({ template, operations: own }) =>
    own.map((operation) => [operation.id, operationFields(operation, template)] as const),
  );
  return { servers, operations: fieldsOf(operations) };
}

/** Names come from the document: `__proto__` must be one like others. */
function fieldsOf(entries: readonly (readonly [string, Value])[]): Fields {
  return Object.fromEntries(entries);
}

function operationFields(operation: Operation, path: string): Fields {
  const { method, parameters, body } = operation;
  const accept = acceptedTypes(operation);
  return {
    method: method.toUpperCase(),
    path,
    ...parameterFields(parameters),
    ...(body && bodyFields(body)),
    ...(!isUsual(accept) && { accept }),
  };
}

function isUsual(types: readonly string[]): boolean {
  return types.length === 0 || (types.length === 1 && types[0] === "application/json");
}

function parameterFields(parameters: readonly Parameter[]): Fields {
  const groups = locations.flatMap((location) => {
    const own = parameters.filter((parameter) => parameter.in === location);
    const unusual = own.flatMap((parameter) => {
      const fields = formFields(parameter);
      return Object.keys(fields).length > 0 ? [[parameter.name, fields] as const] : [];
    });
    return unusual.length > 0 ? [[location, fieldsOf(unusual)] as const] : [];
  });
  return groups.length > 0 ? { parameters: fieldsOf(groups) } : {};
}

function formFields({ style, explode, allowReserved, contentType }: ParameterForm): Fields {
  return {
    ...(style !== undefined && { style }),
    ...(explode !== undefined && { explode }),
    ...(allowReserved !== undefined && { allowReserved }),
    ...(contentType !== undefined && { contentType }),
  };
}

function bodyFields({ content }: Body): Fields {
  const types = content.map(({ type }) => type);
  const encodings = content.flatMap(({ type, encoding }) => {
    const fields = [...encoding].map(([name, form]) => [name, formFields(form)] as const);
    return fields.length > 0 ? [[type, fieldsOf(fields)] as const] : [];
  });
  return {
    ...(!isUsual(types) && { body: types }),
    ...(encodings.length > 0 && { encoding: fieldsOf(encodings) }),
  };
}

/** The media types of what is answered when all is well. */
function acceptedTypes({ responses }: Operation): readonly string[] {
  const good = responses.filter(({ status }) => status.startsWith("2"));
  const answers = good.length > 0 ? good : responses.filter(({ status }) => status === "default");
  return [...new Set(answers.flatMap(({ content }) => content.map(({ type }) => type)))];
}
