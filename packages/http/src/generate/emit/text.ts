/** No line of a generated file is longer, where it can be broken. */
export const LINE_WIDTH = 100;

/** A name that needs no quotes as a property's. */
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * A string as TypeScript writes it. Whatever it holds, it ends where it ends: everything but plain characters is
 * escaped.
 */
export function quote(text: string): string {
  const json = JSON.stringify(text).replace(unseen, escapeCharacter);
  const doubles = text.split('"').length;
  if (doubles <= text.split("'").length) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Characters that cannot be seen, or that move what stands beside them (CVE-2021-42574). */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** A property's name, with quotes only where they are needed. */
export function propertyName(name: string): string {
  return identifier.test(name) || /^[1-5]\d\d$/.test(name) ? name : quote(name);
}

/** On one line, without what could end a comment. */
export function plainLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}\s]+/gu, " ")
    .trim()
    .replaceAll("*/", "*\\/");
}
