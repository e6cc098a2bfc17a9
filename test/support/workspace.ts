import { globSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The workspace's own folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** What tests read in a `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Where an entry leads, by condition. */
export type ExportTarget = string | { readonly [condition: string]: ExportTarget };

/** A package of the workspace. */
export interface Package {
  /** `core` of `@net/core`; `apps/demo` of an app. */
  readonly key: string;
  readonly name: string;
  /** Relative to the workspace, with forward slashes. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** Files that match, relative to the workspace, sorted, with forward slashes; nothing installed or built. */
export function files(...patterns: string[]): string[] {
  const found = globSync(patterns, { cwd: root, exclude: (path) => isForeign(String(path)) });
  return found.map((path) => path.split(sep).join("/")).sort();
}

/** The text of a file of the workspace. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** What others wrote, or a command. */
const generated: ReadonlySet<string> = new Set(["node_modules", "dist", "coverage"]);

/** `packages/*`, and the apps. */
export const packages: readonly Package[] = files("{packages,apps}/*/package.json").map((path) => {
  const manifest = JSON.parse(read(path)) as Manifest;
  const directory = dirname(path);
  const key = directory.startsWith("packages/") ? directory.slice("packages/".length) : directory;
  return { key, name: manifest.name, directory, manifest };
});

/** Those that are published. */
export const published: readonly Package[] = packages.filter(({ manifest }) => !manifest.private);

function isForeign(path: string): boolean {
  const parts = path.split(sep);
  return parts.some((part) => generated.has(part)) || parts.slice(-2).join("/") === "docs/api";
}
