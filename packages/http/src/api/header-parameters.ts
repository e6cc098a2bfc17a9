import type { ParameterForm, ParameterForms } from "./description.ts";
import { encode, flat, isAbsent, type Parts, partsOf } from "./style.ts";

type Values = Readonly<Record<string, unknown>>;

/** Header parameters as headers, in the style `simple`: `a,b`, or `key,value` or (exploded) `key=value`. */
export function formatHeaders(
  values: Values = {},
  forms: ParameterForms = {},
): Record<string, string> {
  const headers = present(values).map(([name, value]) => {
    const form = formOf(forms, name);
    const parts = partsOf(value, form, `the header parameter ${name}`);
    return [name.toLowerCase(), simple(parts, form.explode === true)] as const;
  });
  return Object.fromEntries(headers);
}

/** Cookie parameters as the value of one `cookie` header; undefined without any. */
export function formatCookies(values: Values = {}, forms: ParameterForms = {}): string | undefined {
  const cookies = present(values).flatMap(([name, value]) => {
    const form = formOf(forms, name);
    const parts = partsOf(value, form, `the cookie parameter ${name}`);
    return cookiesOf(name, parts, form.explode !== false);
  });
  return cookies.length > 0 ? cookies.join("; ") : undefined;
}

function present(values: Values): readonly (readonly [string, unknown])[] {
  return Object.entries(values).filter(([, value]) => !isAbsent(value));
}

function formOf(forms: ParameterForms, name: string): ParameterForm {
  return Object.hasOwn(forms, name) ? (forms[name] ?? {}) : {};
}

function simple(parts: Parts, explode: boolean): string {
  if (parts.kind === "one") return parts.value;
  if (parts.kind === "list") return parts.values.join(",");
  return explode
    ? parts.pairs.map(([key, value]) => `${key}=${value}`).join(",")
    : flat(parts.pairs).join(",");
}

function cookiesOf(name: string, parts: Parts, explode: boolean): readonly string[] {
  const assign = (key: string, value: string): string => `${encode(key)}=${value}`;
  if (parts.kind === "one") return [assign(name, encode(parts.value))];
  if (!explode) {
    const items = parts.kind === "list" ? parts.values : flat(parts.pairs);
    return [assign(name, items.map(encode).join(","))];
  }
  if (parts.kind === "list") return parts.values.map((value) => assign(name, encode(value)));
  return parts.pairs.map(([key, value]) => assign(key, encode(value)));
}
