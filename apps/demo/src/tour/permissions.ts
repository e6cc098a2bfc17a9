import { fileURLToPath } from "node:url";

const root = (path: string): string =>
  fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

/**
 * Node's own arguments for a process that may read the program and nothing else: no other files, no child
 * processes, no native add-ons. No worker threads either: one would read what the main thread may not.
 */
export function confinement(): string[] {
  const readable = ["packages", "apps/demo", "node_modules"].map(
    (path) => `--allow-fs-read=${root(path)}/*`,
  );
  return ["--permission", ...readable];
}
