import { describe, expect, test } from "vitest";
import { isAllowed, mayImport, parseImportTable } from "./support/import-table.ts";
import { importsOf, isBare, packageOf, statementsOf } from "./support/imports.ts";
import { reach } from "./support/module-graph.ts";
import { files, type Package, packages, published, read } from "./support/workspace.ts";

const keyOf = new Map(packages.map(({ name, key }) => [name, key]));

/** Imports in these folders of a package: `file → specifier`. */
function importsIn(owner: Package, folders: string): { file: string; specifier: string }[] {
  return files(`${owner.directory}/${folders}/**/*.{ts,tsx,js}`).flatMap(importsOf);
}

test("the table that is held here is the one ARCHITECTURE.md shows", () => {
  expect(parseImportTable(read("ARCHITECTURE.md"))).toEqual(mayImport);
});

test("every package stands in the table", () => {
  expect(packages.map(({ key }) => key).filter((key) => !(key in mayImport))).toEqual([]);
});

describe.each(packages)("$name", (owner) => {
  const { manifest } = owner;

  test("its manifest names only packages that it may import, also for its tests", () => {
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
    const named = {
      ...dependencies,
      ...devDependencies,
      ...peerDependencies,
      ...optionalDependencies,
    };
    const ours = Object.keys(named).flatMap((name) => keyOf.get(name) ?? []);

    expect(ours.filter((key) => !isAllowed(owner.key, key))).toEqual([]);
  });

  test("its sources, tests and examples import only those", () => {
    const forbidden = importsIn(owner, "{bin,src,test,examples}").filter(({ specifier }) => {
      const key = isBare(specifier) ? keyOf.get(packageOf(specifier)) : undefined;
      return key !== undefined && !isAllowed(owner.key, key);
    });

    expect(forbidden).toEqual([]);
  });

  test("its files import no file of another package by path", () => {
    const outside = importsIn(owner, "{bin,src,test,examples}").filter(({ file, specifier }) => {
      const path = new URL(specifier, `file:///${file}`).pathname;
      return specifier.startsWith(".") && !path.startsWith(`/${owner.directory}/`);
    });

    expect(outside).toEqual([]);
  });

  test("what its sources import, its users install", () => {
    const { dependencies, peerDependencies, optionalDependencies } = manifest;
    const installed = { ...dependencies, ...peerDependencies, ...optionalDependencies };
    const missing = importsIn(owner, "{bin,src}").filter(
      ({ specifier }) => isBare(specifier) && !(packageOf(specifier) in installed),
    );

    expect(missing).toEqual([]);
  });

  test("each library of others is imported by one file", () => {
    const importers = new Map<string, Set<string>>();
    for (const { file, specifier } of importsIn(owner, "src")) {
      const library = packageOf(specifier);
      if (!isBare(specifier) || keyOf.has(library)) continue;
      importers.set(library, (importers.get(library) ?? new Set()).add(file));
    }
    const several = [...importers].filter(([, each]) => each.size > 1);

    expect(Object.fromEntries(several.map(([library, each]) => [library, [...each]]))).toEqual({});
  });

  test("each entry is a table of contents: it re-exports by name, and does nothing itself", () => {
    const entries = Object.values(manifest.exports ?? {}).flatMap((target) => leaves(target));
    const sources = entries.filter(({ path }) => path.includes("@net/source"));
    const others = sources.filter(({ file }) =>
      statementsOf(`${owner.directory}/${file}`).some(
        ({ type, source }) => type !== "ExportNamedDeclaration" || !source,
      ),
    );

    expect(others).toEqual([]);
  });
});

describe.each(published)("$name as published", ({ name, key, directory, manifest }) => {
  test("it has its licence and its README, and ships what it needs", () => {
    expect(name).toBe(`@net/${key}`);
    expect(read(`${directory}/LICENSE`)).toBe(read("LICENSE"));
    expect(read(`${directory}/README.md`)).toMatch(new RegExp(`^# ${name}\n`));
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "src"]));
  });

  test("every entry leads to its source for us, and to what is built from it for others", () => {
    const { "./package.json": self, ...entries } = manifest.exports ?? {};
    expect(self).toBe("./package.json");
    for (const [entry, target] of Object.entries(entries)) {
      const targets = leaves(target);
      const sources = targets.filter(({ path }) => path.includes("@net/source"));
      const built = targets.filter(({ path }) => !path.includes("@net/source"));

      expect(sources, entry).not.toEqual([]);
      expect(built.map(({ file }) => file).sort(), entry).toEqual(
        sources.map(({ file }) => file.replace("./src/", "./dist/").replace(/\.ts$/, ".js")).sort(),
      );
      for (const { file } of sources) expect(files(`${directory}/${file}`), entry).toHaveLength(1);
    }
  });
});

/** Every file an entry may lead to, with the conditions on the way. */
function leaves(
  target: unknown,
  path: readonly string[] = [],
): { path: readonly string[]; file: string }[] {
  if (typeof target === "string") return [{ path, file: target }];
  return Object.entries(target as object).flatMap(([condition, inner]) =>
    leaves(inner, [...path, condition]),
  );
}

describe("what runs in browsers imports nothing of Node", () => {
  const browser = ["@net/source", "browser", "import"];

  const entries = [
    ...["@net/core", "@net/core/options", "@net/ws", "@net/ws/session", "@net/client"],
  ];

  test.each(entries)("%s", (entry) => {
    const { outside, files } = reach(entry, browser);
    const node = [...outside].filter(
      ([specifier]) => specifier.startsWith("node:") || specifier === "ws",
    );

    expect(files.size).toBeGreaterThan(0);
    expect(Object.fromEntries(node)).toEqual({});
  });
});

test.each(["routing", "qos"])("%s does no input and output: it imports nothing of Node", (key) => {
  const node = files(`packages/${key}/src/**/*.ts`)
    .flatMap(importsOf)
    .filter(({ specifier }) => specifier.startsWith("node:"));

  expect(node).toEqual([]);
});
