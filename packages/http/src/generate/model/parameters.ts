import { isRecord } from "@net/core";
import { childOf, entriesOf, isTrueAt, itemsOf, type Place, stringAt } from "../resolve/place.ts";
import {
  type Header,
  type Location,
  locations,
  type Parameter,
  type ParameterForm,
} from "./api.ts";
import { docsOf, valueDocsOf } from "./docs.ts";
import { formOf } from "./parameter-form.ts";
import { type Docs, type Schema, unknownSchema } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** The styles of each place, its default first (OpenAPI 3.1 §4.8.12). */
const stylesOf: Readonly<Record<Location, readonly string[]>> = {
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  path: ["simple", "label", "matrix"],
  header: ["simple"],
  cookie: ["form"],
};

/** Headers that a parameter may name but that are set elsewhere (OpenAPI 3.1 §4.8.12.1). */
const otherwiseSet: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

/** An operation's parameters, over those of its path, checked against the path's template. */
export function readParameters(
  reader: SchemaReader,
  template: string,
  item: Place,
  operation: Place,
): readonly Parameter[] {
  const shared = readList(reader, childOf(item, "parameters"));
  const own = readList(reader, childOf(operation, "parameters"));
  const merged = new Map([...shared, ...own]);
  const parameters = [...merged.values()];
  checkTemplate(reader, template, operation, parameters);
  return parameters.filter(
    ({ in: where, name }) => where !== "header" || !otherwiseSet.has(name.toLowerCase()),
  );
}

function readList(reader: SchemaReader, list: Place | undefined): ReadonlyMap<string, Parameter> {
  const found = new Map<string, Parameter>();
  if (list && !Array.isArray(list.value)) reader.problems.at(list, "parameters must be a list");
  for (const place of itemsOf(list)) {
    const parameter = readParameter(reader, reader.resolver.follow(place));
    if (!parameter) continue;
    const key = `${parameter.in} ${parameter.name}`;
    if (found.has(key)) {
      reader.problems.at(
        place,
        `the ${parameter.in} parameter ${parameter.name} is declared twice`,
      );
    }
    found.set(key, parameter);
  }
  return found;
}

function readParameter(reader: SchemaReader, place: Place | undefined): Parameter | undefined {
  if (!place) return undefined;
  const where = locations.find((location) => location === childOf(place, "in")?.value);
  const name = stringAt(place, "name");
  if (!isRecord(place.value) || where === undefined || name === undefined) {
    const must = `a parameter must have a name, and an "in" of ${locations.join(", ")}`;
    reader.problems.at(place, must);
    return undefined;
  }
  return {
    name,
    in: where,
    // A path has no place left out, whatever the document says.
    required: where === "path" || isTrueAt(place, "required"),
    ...readValue(reader, place),
    ...checkedForm(reader, place, where),
  };
}

/** A value is described by a schema, or by the one media type it is written in. */
function readValue(
  reader: SchemaReader,
  place: Place,
): { readonly schema: Schema; readonly docs: Docs; readonly contentType?: string } {
  const [media] = entriesOf(childOf(place, "content"));
  const schema = childOf(media?.[1] ?? place, "schema");
  if (!schema) reader.problems.at(place, "it needs a schema, or content with one media type");
  return {
    schema: schema ? reader.read(schema) : unknownSchema,
    docs: { ...(schema && valueDocsOf(schema)), ...docsOf(place) },
    ...(media && { contentType: media[0] }),
  };
}

function checkedForm(reader: SchemaReader, place: Place, where: Location): ParameterForm {
  const form = formOf(place);
  const styles = stylesOf[where];
  if (form.style !== undefined && !styles.includes(form.style)) {
    const must = `the style of a ${where} parameter is one of ${styles.join(", ")}`;
    reader.problems.at(childOf(place, "style") ?? place, must);
  }
  return withoutDefaults(form, styles[0]);
}

function withoutDefaults(form: ParameterForm, usual: string | undefined): ParameterForm {
  const { style = usual, explode = style === "form", ...rest } = form;
  return {
    ...rest,
    ...(style !== usual && { style }),
    ...(explode !== (style === "form") && { explode }),
  };
}

function checkTemplate(
  reader: SchemaReader,
  template: string,
  operation: Place,
  parameters: readonly Parameter[],
): void {
  const slots = new Set([...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name));
  const declared = parameters
    .filter((parameter) => parameter.in === "path")
    .map(({ name }) => name);
  for (const name of slots) {
    if (declared.includes(name)) continue;
    reader.problems.at(operation, `the path parameter {${name}} of ${template} is not declared`);
  }
  for (const name of declared) {
    if (slots.has(name)) continue;
    reader.problems.at(
      operation,
      `it declares the path parameter ${name}, which ${template} has no place for`,
    );
  }
}

/** The headers of a response; names in lower case, as they come. */
export function readHeaders(reader: SchemaReader, response: Place): readonly Header[] {
  return entriesOf(childOf(response, "headers")).flatMap(([name, place]) => {
    const header = reader.resolver.follow(place);
    if (!header || name.toLowerCase() === "content-type") return [];
    const { schema, docs } = readValue(reader, header);
    return [{ name: name.toLowerCase(), required: isTrueAt(header, "required"), schema, docs }];
  });
}
