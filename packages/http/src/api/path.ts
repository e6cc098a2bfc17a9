import { ValidationError } from "@net/core";
import type { ParameterForm, ParameterForms } from "./description.ts";
import { encode, flat, isAbsent, type Pair, type Parts, partsOf } from "./style.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * A path template with its parameters filled in (OpenAPI 3.1 §4.8.12.3).
 *
 * @throws ValidationError for a parameter that is missing or empty, or that would lead out of its place: `.`
 *   and `..` are steps of a path, even percent-encoded.
 */
export function expandPath(
  template: string,
  values: Values = {},
  forms: ParameterForms = {},
): string {
  const path = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const what = `the path parameter ${name} of ${template}`;
    const value = own(values, name);
    if (isAbsent(value)) throw new ValidationError(`${what} is missing`);
    const form = own(forms, name) ?? {};
    const text = expand(name, partsOf(value, form, what), form);
    if (text === "") throw new ValidationError(`${what} is empty`);
    return text;
  });
  const step = path.split("/").find((each) => /^\.{1,2}$/.test(each));
  if (step === undefined) return path;
  throw new ValidationError(
    `a parameter makes ${template} lead elsewhere: "${step}" is a step of a path`,
  );
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function expand(name: string, parts: Parts, form: ParameterForm): string {
  const { style = "simple", explode = false } = form;
  if (style === "label") return prefixed(".", joinedBy(parts, explode ? "." : ",", explode));
  if (style === "matrix") return matrix(encode(name), parts, explode);
  return joinedBy(parts, ",", explode);
}

function prefixed(prefix: string, text: string): string {
  return text && prefix + text;
}

function joinedBy(parts: Parts, separator: string, explode: boolean): string {
  if (parts.kind === "one") return encode(parts.value);
  if (parts.kind === "list") return parts.values.map(encode).join(separator);
  if (explode) return parts.pairs.map(assigned).join(separator);
  return flat(parts.pairs).map(encode).join(separator);
}

function matrix(name: string, parts: Parts, explode: boolean): string {
  if (!explode || parts.kind === "one") {
    const text = joinedBy(parts, ",", false);
    return text && `;${name}=${text}`;
  }
  if (parts.kind === "list")
    return parts.values.map((value) => `;${name}=${encode(value)}`).join("");
  return parts.pairs.map((pair) => `;${assigned(pair)}`).join("");
}

function assigned([key, value]: Pair): string {
  return `${encode(key)}=${encode(value)}`;
}
