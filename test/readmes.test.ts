import { dirname, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { namedExports, namedImports } from "./support/imports.ts";
import { sourceOf } from "./support/module-graph.ts";
import { files, published, read } from "./support/workspace.ts";

const fence = /^```(?:ts|typescript|js|javascript)(?: (?<path>\S+))?\n(?<code>[\s\S]*?)^```$/gm;
const link = /\[[^\]]*\]\((?<target>[^)#\s]+)(?:#[^)]*)?\)/g;

interface Snippet {
  /** The file it equals, relative to the workspace; undefined if it names none. */
  readonly path: string | undefined;
  readonly code: string;
}

function snippets(readme: string): Snippet[] {
  return [...read(readme).matchAll(fence)].map(({ groups }) => ({
    path: groups?.path && posix.join(dirname(readme), groups.path),
    code: groups?.code ?? "",
  }));
}

describe.each(published)("the README of $name", ({ directory }) => {
  const readme = `${directory}/README.md`;

  test("shows at least one example, as it is", () => {
    const examples = snippets(readme).filter(({ path }) => path);

    expect(examples).not.toEqual([]);
    for (const { path = "", code } of examples) expect(code).toBe(read(path));
  });

  test("shows every example there is", () => {
    const shown = new Set(snippets(readme).map(({ path }) => path));

    expect(files(`${directory}/examples/*.ts`).filter((path) => !shown.has(path))).toEqual([]);
  });

  test("leads up to the workspace's", () => {
    expect(read(readme)).toContain("(../../README.md)");
  });
});

test.each(files("*.md", "{packages,apps,docs,bench}/**/*.md"))(
  "every link in %s leads to a file",
  (page) => {
    const targets = [...read(page).matchAll(link)].map(({ groups }) => groups?.target ?? "");
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));

    expect(local.filter((target) => files(posix.join(dirname(page), target)).length === 0)).toEqual(
      [],
    );
  },
);

test.each(["README.md", ...published.map(({ directory }) => `${directory}/README.md`)])(
  "the other blocks of code in %s are TypeScript, and import only what is exported",
  (readme) => {
    for (const { path, code } of snippets(readme)) {
      if (path) continue;
      for (const [entry, names] of namedImports("block.ts", code)) {
        if (!entry.startsWith("@net/")) continue;
        expect(namedExports(sourceOf(entry)), entry).toEqual(expect.arrayContaining([...names]));
      }
    }
  },
);
