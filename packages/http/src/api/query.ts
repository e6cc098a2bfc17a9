import { isRecord } from "@net/core";
import type { ParameterForm, ParameterForms } from "./description.ts";
import { encode, encodeReserved, flat, isAbsent, type Pair, partsOf, scalar } from "./style.ts";

type Values = Readonly<Record<string, unknown>>;

/** A query without its question mark, each parameter in its style (OpenAPI 3.1 §4.8.12.3). @throws ValidationError */
export function formatQuery(values: Values = {}, forms: ParameterForms = {}): string {
  return Object.entries(values)
    .flatMap(([name, value]) => {
      const form = Object.hasOwn(forms, name) ? (forms[name] ?? {}) : {};
      return isAbsent(value) ? [] : formatParameter(name, value, form);
    })
    .join("&");
}

/** What stands between the items of a list that is not exploded. */
const separators: Readonly<Record<string, string>> = {
  form: ",",
  spaceDelimited: "%20",
  pipeDelimited: "%7C",
};

function formatParameter(name: string, value: unknown, form: ParameterForm): readonly string[] {
  const { style = "form", explode = style === "form", allowReserved = false } = form;
  const write = allowReserved ? encodeReserved : encode;
  const what = `the query parameter ${name}`;
  const assign = ([key, item]: Pair): string => `${encode(key)}=${write(item)}`;
  if (style === "deepObject") return deepPairs(name, value, what).map(assign);
  const parts = partsOf(value, form, what);
  if (parts.kind === "one") return [assign([name, parts.value])];
  if (explode) {
    return parts.kind === "named"
      ? parts.pairs.map(assign)
      : parts.values.map((item) => assign([name, item]));
  }
  const items = (parts.kind === "named" ? flat(parts.pairs) : parts.values).map(write);
  return items.length > 0 ? [`${encode(name)}=${items.join(separators[style] ?? ",")}`] : [];
}

/** `filter[color]=red`, at any depth: the specification leaves deeper ones open, and this is what servers read. */
function deepPairs(name: string, value: unknown, what: string): readonly Pair[] {
  if (isAbsent(value)) return [];
  if (Array.isArray(value)) return value.flatMap((item) => deepPairs(name, item, what));
  if (!isRecord(value) || value instanceof Date) return [[name, scalar(value, what)]];
  return Object.entries(value).flatMap(([key, item]) => deepPairs(`${name}[${key}]`, item, what));
}

/** The fields of an `application/x-www-form-urlencoded` body, written like a query. @throws ValidationError */
export function formatFields(values: Values, forms: ParameterForms = {}): URLSearchParams {
  return new URLSearchParams(formatQuery(values, forms));
}
