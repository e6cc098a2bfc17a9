import { LINE_WIDTH, propertyName, quote } from "./text.ts";

/** What a generated constant holds. */
export type Value = string | boolean | readonly string[] | { readonly [key: string]: Value };

/**
 * A value as TypeScript. Objects of plain values stay on one line where they fit; all others get a line for each
 * property.
 */
export function printValue(value: Value, indent: number, column: number): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return String(value);
  if (isList(value)) return printList(value, indent, column);
  return printRecord(value, indent, column);
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

function printList(items: readonly string[], indent: number, column: number): string {
  const line = `[${items.map(quote).join(", ")}]`;
  if (column + line.length + 1 <= LINE_WIDTH) return line;
  const pad = " ".repeat(indent);
  return ["[", ...items.map((item) => `${pad}  ${quote(item)},`), `${pad}]`].join("\n");
}

function printRecord(
  record: { readonly [key: string]: Value },
  indent: number,
  column: number,
): string {
  const line = onOneLine(record);
  if (line !== undefined && column + line.length + 1 <= LINE_WIDTH) return line;
  const pad = " ".repeat(indent + 2);
  const lines = Object.entries(record).map(([key, value]) => {
    const start = `${pad}${valueKey(key)}: `;
    return `${start}${printValue(value, indent + 2, start.length)},`;
  });
  return ["{", ...lines, `${" ".repeat(indent)}}`].join("\n");
}

function onOneLine(record: { readonly [key: string]: Value }): string | undefined {
  const entries = Object.entries(record);
  if (entries.length === 0) return "{}";
  if (entries.some(([, value]) => typeof value === "object" && !isList(value))) return undefined;
  const parts = entries.map(([key, value]) => `${valueKey(key)}: ${printValue(value, 0, 0)}`);
  return `{ ${parts.join(", ")} }`;
}

/** `__proto__: x` would set a prototype; in brackets it is a property. */
function valueKey(key: string): string {
  return key === "__proto__" ? '["__proto__"]' : propertyName(key);
}
