import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "vitest";

/** Names under which systems know a program, where it is not its own. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  chromium: ["chromium-browser", "google-chrome", "google-chrome-stable"],
};

/**
 * The path of a program that some tests of a file need, or undefined where it is missing: then one test of
 * this file is shown as skipped and says so. With `NET_REQUIRE_ALL=1`, as in `.ci/run`, missing it fails.
 *
 * @example
 * ```ts
 * const chromium = requireProgram("chromium");
 * test.runIf(chromium)("a page …", () => { … });
 * ```
 */
export function requireProgram(name: string): string | undefined {
  const path = findProgram(name);
  if (path) return path;
  const missing = `${name} is not installed; the tests that need it are skipped`;
  if (process.env.NET_REQUIRE_ALL === "1") throw new Error(missing);
  test(`needs ${name}`, ({ skip }) => skip(missing));
  return undefined;
}

/** Looks in `PATH` for the program under any of its names. */
function findProgram(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  const names = [name, ...(otherNames[name] ?? [])];
  const folders = path.split(delimiter).filter(Boolean);
  return names.flatMap((each) => folders.map((folder) => join(folder, each))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
