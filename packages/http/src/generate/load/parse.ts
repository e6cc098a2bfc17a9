import { LineCounter, parseDocument, visit, type Document as YamlDocument } from "yaml";
import { withinTime } from "../within-time.ts";

/** Why a text is no document: what is wrong, and where, counted from 1. */
export interface SyntaxProblem {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export type Parsed = { readonly value: unknown } | { readonly problems: readonly SyntaxProblem[] };

/** How often aliases may multiply what they stand for: enough for reuse, too little for a bomb. */
const MAX_ALIAS_COUNT = 10_000;

/** One mistake makes others; more are noise. */
const MAX_PROBLEMS = 10;

/** Reads JSON or YAML 1.2, which JSON is a part of. @param timeout in ms. */
export function parseText(text: string, timeout: number): Parsed {
  const parsed = withinTime(timeout, () => parse(text));
  return parsed?.result ?? { problems: [{ message: `it takes more than ${timeout} ms to parse` }] };
}

function parse(text: string): Parsed {
  if (!/^\uFEFF?\s*[{[]/.test(text)) return parseYaml(text);
  const json = parseJson(text.replace(/^\uFEFF/, ""));
  if ("value" in json) return json;
  // Perhaps YAML that begins with a brace; else what JSON says is clearer.
  const yaml = parseYaml(text);
  return "value" in yaml ? yaml : json;
}

/** Far faster than YAML. */
function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const { message } = error as Error;
    const found =
      /^(?<what>.*?)(?: in JSON)?(?: at position \d+)? \(line (?<line>\d+) column (?<column>\d+)\)/s;
    const { what = message, line, column } = found.exec(message)?.groups ?? {};
    const where = line !== undefined && { line: Number(line), column: Number(column) };
    return { problems: [{ message: what, ...where }] };
  }
}

function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  try {
    // Its own check of unique keys compares each with each; `duplicateKeys` does not.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
    });
    const found: readonly Positioned[] = [...document.errors, ...duplicateKeys(document)];
    if (found.some(({ message }) => overflow.test(message))) return tooDeep;
    const problems = found.slice(0, MAX_PROBLEMS).map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return { message, line, column: col };
    });
    if (problems.length > 0) return { problems };
    return { value: document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) as unknown };
  } catch (error) {
    // A stack that overflowed, or aliases that multiply what they stand for.
    return error instanceof RangeError
      ? tooDeep
      : { problems: [{ message: (error as Error).message }] };
  }
}

/** The parser is recursive, and notes its own overflow like a mistake of the text. */
const overflow = /call stack size exceeded|stack overflow/i;
const tooDeep: Parsed = { problems: [{ message: "it is nested too deeply to be read" }] };

interface Positioned {
  readonly message: string;
  readonly pos: readonly [number, number];
}

function duplicateKeys(document: YamlDocument.Parsed): readonly Positioned[] {
  const found: Positioned[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const { value, range } = key as { value?: unknown; range?: readonly number[] };
        const start = range?.[0] ?? 0;
        if (typeof value !== "string") continue;
        if (seen.has(value))
          found.push({ message: `Map keys must be unique: ${value}`, pos: [start, start] });
        seen.add(value);
      }
    },
  });
  return found;
}
