import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./support/run.ts";
import { published, root } from "./support/workspace.ts";

/** The Node programs to import with, separated by commas. Default: this one. */
const nodes = (process.env.NET_NODES ?? process.execPath).split(",").filter(Boolean);
const INSTALL_LIMIT = 300_000;
const IMPORT_LIMIT = 30_000;

const entries = published.flatMap(({ name, manifest }) =>
  Object.keys(manifest.exports ?? {})
    .filter((path) => path !== "./package.json")
    .map((path) => name + path.slice(1)),
);

let home: string;

/** Runs what must succeed. */
async function must(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(file, args, { cwd, timeout: INSTALL_LIMIT });
  if (exitCode !== 0) throw new Error(`${file} ${args.join(" ")} failed\n${stdout}\n${stderr}`);
  return stdout;
}

/** What users install beside a package if they want the part that needs it. */
function optionalPeers(): string[] {
  return published.flatMap(({ manifest }) =>
    Object.entries(manifest.peerDependencies ?? {}).map(([name, range]) => `${name}@${range}`),
  );
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "net-published-"));
  await writeFile(join(home, "package.json"), `{ "private": true, "type": "module" }`);
  const tarballs = published.map(({ name }) => join(home, `${name.replace("/", "-")}.tgz`));
  for (const [index, { directory }] of published.entries()) {
    await must("pnpm", ["pack", "--out", String(tarballs[index])], join(root, directory));
  }
  await must("npm", ["install", "--no-audit", "--no-fund", ...tarballs, ...optionalPeers()], home);
}, INSTALL_LIMIT);

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

/** Prints how many names `import` and `require` give. */
const script = (entry: string): string => `
  import { createRequire } from "node:module";
  const imported = await import(${JSON.stringify(entry)});
  const required = createRequire(import.meta.url)(${JSON.stringify(entry)});
  console.log(Object.keys(imported).length, Object.keys(required).length);
`;

const combinations = nodes.flatMap((node) => entries.map((entry) => [entry, node] as const));

test.each(combinations)(
  "%s, installed by npm, is imported and required by plain Node, %s",
  { timeout: IMPORT_LIMIT },
  async (entry, node) => {
    const args = ["--input-type=module", "--eval", script(entry)];
    const { stdout, stderr } = await run(node, args, { cwd: home, timeout: IMPORT_LIMIT });
    const [imported = 0, required = 0] = stdout.split(" ").map(Number);

    expect(imported, stderr).toBeGreaterThan(0);
    expect(required, stderr).toBeGreaterThanOrEqual(imported);
  },
);
