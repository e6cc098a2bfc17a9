import { posix } from "node:path";
import { importsOf, isBare, packageOf } from "./imports.ts";
import { type ExportTarget, packages } from "./workspace.ts";

/** How an entry was reached. */
export interface Reached {
  /** Files of ours. */
  readonly files: ReadonlySet<string>;
  /** Everything else that is imported, with the chain of files that leads there. */
  readonly outside: ReadonlyMap<string, readonly string[]>;
}

/** Walks the imports of a package's entry, through every package of ours, under these export conditions. */
export function reach(entry: string, conditions: readonly string[]): Reached {
  const files = new Set<string>();
  const outside = new Map<string, readonly string[]>();
  const visit = (file: string, chain: readonly string[]): void => {
    if (files.has(file)) return;
    files.add(file);
    const here = [...chain, file];
    for (const { specifier } of importsOf(file)) {
      const target = resolve(specifier, file, conditions);
      if (target) visit(target, here);
      else if (!outside.has(specifier)) outside.set(specifier, here);
    }
  };
  const start = resolve(entry, "", conditions);
  if (!start) throw new Error(`${entry} is no entry of the workspace`);
  visit(start, []);
  return { files, outside };
}

/** The source of an entry such as `@net/core/testing`. @throws Error if there is none. */
export function sourceOf(entry: string): string {
  const file = resolve(entry, "", ["@net/source"]);
  if (!file) throw new Error(`${entry} is no entry of the workspace`);
  return file;
}

/** The file of ours that is meant, or undefined for what is not ours. */
function resolve(
  specifier: string,
  from: string,
  conditions: readonly string[],
): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  if (!isBare(specifier)) return undefined;
  const name = packageOf(specifier);
  const owner = packages.find((each) => each.name === name);
  const target = owner?.manifest.exports?.[`.${specifier.slice(name.length)}`];
  const path = target && choose(target, conditions);
  return owner && path ? posix.join(owner.directory, path) : undefined;
}

/** The first condition of the manifest that holds, as Node and bundlers choose. */
function choose(target: ExportTarget, conditions: readonly string[]): string | undefined {
  if (typeof target === "string") return target;
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== "default" && !conditions.includes(condition)) continue;
    const path = choose(inner, conditions);
    if (path) return path;
  }
  return undefined;
}
