import {
  type Api,
  type ApiPath,
  type Body,
  type Content,
  type Location,
  locations,
  type Operation,
  type Parameter,
  type Response,
} from "../model/api.ts";
import { commentOf } from "./comment.ts";
import { typeOf } from "./schema-type.ts";
import { propertyName, quote } from "./text.ts";
import { type Member, member, objectType, textType, unionType } from "./type.ts";
import type { Direction, TypeNames } from "./type-names.ts";

// The shape of `paths`, `operations` and `components` is that of openapi-typescript, without its `never`s.

/** The members of `paths`: each path's operations by method. */
export function pathMembers({ paths }: Api): readonly Member[] {
  return paths.map(({ template, operations }) =>
    member(propertyName(template), objectType(operations.map(methodMember))),
  );
}

function methodMember({ method, id }: Operation): Member {
  return member(method, `operations[${quote(id)}]`);
}

/** The members of `operations`: what each one takes and gives. */
export function operationMembers(paths: readonly ApiPath[], names: TypeNames): readonly Member[] {
  return paths.flatMap(({ operations }) =>
    operations.map((operation) =>
      member(
        propertyName(operation.id),
        objectType(operationParts(operation, names)),
        commentOf(operation.docs),
      ),
    ),
  );
}

function operationParts(operation: Operation, names: TypeNames): readonly Member[] {
  const { parameters, body, responses } = operation;
  return [
    ...(parameters.length > 0 ? [parametersMember(parameters, names)] : []),
    ...(body ? [bodyMember(body, names)] : []),
    member("responses", objectType(responses.map((response) => responseMember(response, names)))),
  ];
}

function parametersMember(parameters: readonly Parameter[], names: TypeNames): Member {
  const present = locations.filter((location) => parameters.some((each) => each.in === location));
  const groups = present.map((location) => locationMember(location, parameters, names));
  return member("parameters", objectType(groups));
}

function locationMember(
  location: Location,
  parameters: readonly Parameter[],
  names: TypeNames,
): Member {
  const own = parameters.filter((parameter) => parameter.in === location);
  const optional = own.every(({ required }) => !required);
  const members = own.map((parameter) => parameterMember(parameter, names));
  return member(`${location}${optional ? "?" : ""}`, objectType(members));
}

/** One that may be left out may also be undefined: callers seldom know which. */
function parameterMember({ name, required, schema, docs }: Parameter, names: TypeNames): Member {
  const type = typeOf(schema, { names, direction: "request" });
  return required
    ? member(propertyName(name), type, commentOf(docs))
    : member(`${propertyName(name)}?`, unionType([type, textType("undefined")]), commentOf(docs));
}

function bodyMember({ required, docs, content }: Body, names: TypeNames): Member {
  const type = objectType([contentMember(content, names, "request")]);
  return member(`requestBody${required ? "" : "?"}`, type, commentOf(docs));
}

function responseMember({ status, docs, headers, content }: Response, names: TypeNames): Member {
  const context = { names, direction: "response" } as const;
  const headerMembers = headers.map(({ name, required, schema, docs: headerDocs }) =>
    member(
      `${propertyName(name)}${required ? "" : "?"}`,
      typeOf(schema, context),
      commentOf(headerDocs),
    ),
  );
  const parts = [
    ...(headers.length > 0 ? [member("headers", objectType(headerMembers))] : []),
    contentMember(content, names, "response"),
  ];
  return member(propertyName(status), objectType(parts), commentOf(docs));
}

function contentMember(
  content: readonly Content[],
  names: TypeNames,
  direction: Direction,
): Member {
  if (content.length === 0) return member("content?", "never");
  const members = content.map(({ type, schema }) =>
    member(propertyName(type), typeOf(schema, { names, direction })),
  );
  return member("content", objectType(members));
}

/** The members of `components.schemas`, or with `request` those whose types in requests are others. */
export function componentMembers(
  { schemas }: Api,
  names: TypeNames,
  direction: Direction,
): readonly Member[] {
  return schemas
    .filter((schema) => direction === "response" || names.differs(schema))
    .flatMap((schema) => {
      const { component } = schema;
      if (component === undefined) return [];
      return [member(propertyName(component), names.of(schema, direction))];
    });
}
