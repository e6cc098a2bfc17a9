import { parseSync } from "rolldown/utils";
import { read } from "./workspace.ts";

/** One import, re-export or `import()` of a module. */
export interface Import {
  /** What stands in the quotes. */
  readonly specifier: string;
  /** The file that says it. */
  readonly file: string;
}

/** A node of the syntax tree, as far as imports are concerned. */
interface Node {
  readonly type: string;
  readonly source?: { readonly type: string; readonly value?: unknown } | null;
  readonly specifiers?: readonly {
    readonly imported?: { readonly name?: string };
    readonly exported?: { readonly name?: string };
  }[];
}

const cache = new Map<string, readonly Import[]>();

/** Everything a source file imports, types included: they travel in the declarations. */
export function importsOf(file: string): readonly Import[] {
  const known = cache.get(file);
  if (known) return known;
  const found = [...new Set(specifiers(parse(file, read(file))))].map((specifier) => ({
    specifier,
    file,
  }));
  cache.set(file, found);
  return found;
}

/** The statements of a module. */
export function statementsOf(file: string): readonly Node[] {
  return parse(file, read(file)).body;
}

/** The names that a code imports from elsewhere, by module. @throws Error if it is no TypeScript. */
export function namedImports(name: string, code: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { type, source, specifiers = [] } of parse(name, code).body) {
    if (type !== "ImportDeclaration" || typeof source?.value !== "string") continue;
    found.set(
      source.value,
      specifiers.flatMap(({ imported }) => imported?.name ?? []),
    );
  }
  return found;
}

/** The names that an entry exports, types included: entries are tables of contents. */
export function namedExports(file: string): readonly string[] {
  const specifiers = statementsOf(file).flatMap((statement) => statement.specifiers ?? []);
  return specifiers.flatMap(({ exported }) => exported?.name ?? []);
}

function parse(file: string, code: string): { readonly body: readonly Node[] } {
  const { program, errors } = parseSync(file, code);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  return program as unknown as { readonly body: readonly Node[] };
}

/** Import and export declarations, `import()` of a literal and types `import("…")` all have a `source`. */
function* specifiers(node: unknown): Generator<string> {
  if (typeof node !== "object" || node === null) return;
  const { source } = node as Node;
  if (source?.type === "Literal" && typeof source.value === "string") yield source.value;
  for (const child of Object.values(node)) yield* specifiers(child);
}

/** `undici` of `undici/types`, `@net/core` of `@net/core/testing`. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** True for a specifier that names neither a file nor a part of Node. */
export function isBare(specifier: string): boolean {
  return !/^(\.{1,2}\/|node:|#)/.test(specifier);
}
