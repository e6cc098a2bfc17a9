import { matchesGlob } from "node:path";
import { expect, test } from "vitest";
import { projects } from "../vitest.config.ts";
import { files, read } from "./support/workspace.ts";

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** The names of the projects whose globs take this file. */
function projectsOf(file: string): unknown[] {
  const matches = (globs: readonly string[] | undefined): boolean =>
    globs?.some((glob) => matchesGlob(file, glob)) ?? false;
  return projects.flatMap(({ test: { name, include, exclude } = {} }) =>
    matches(include) && !matches(exclude) ? [name] : [],
  );
}

/** Whatever anybody would take for a test: what matches no glob would silently never run. */
const testFiles = files("**/*.{test,spec}.{ts,tsx,mts,cts,js,mjs,cjs}", ".*/**/*.test.ts");

test.each(testFiles)("%s belongs to exactly one project", (file) => {
  expect(projectsOf(file)).toHaveLength(1);
});

test("a test in a place of its own would be noticed", () => {
  expect(projectsOf("packages/core/src/errors.test.ts")).toEqual([]);
  expect(projectsOf("test/namespaces/mdns.test.ts")).toEqual(["namespaces"]);
  expect(projectsOf("packages/core/test/errors/codes.test.ts")).toEqual(["packages"]);
});

test("`pnpm test` and `pnpm pack:check` run every project between them", () => {
  const run = `${scripts.test} ${scripts["pack:check"]}`;
  const named = [...run.matchAll(/--project (\S+)/g)].map(([, name]) => name);

  expect(named.sort()).toEqual(projects.map(({ test: { name } = {} }) => name).sort());
});

test("no test is left out, alone, or to be done", () => {
  const marked = /\b(?:test|it|describe|suite)\.(?:only|todo|fails|skip)\b/;

  expect(testFiles.filter((file) => marked.test(read(file)))).toEqual([]);
});
