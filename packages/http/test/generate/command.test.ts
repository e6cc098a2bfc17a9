import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { main } from "@net/http/generate";
import { test as base, expect } from "vitest";
import { fixture, readFixture } from "./support.ts";

const petstore = fixture("petstore/openapi.json");

const test = base.extend<{ home: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from the pattern.
  home: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), "net-http-command-"));
    await use(home);
    await rm(home, { recursive: true });
  },
});

async function run(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const said = { out: "", errors: "" };
  const code = await main(args, {
    stdout: { write: (more) => (said.out += more) },
    stderr: { write: (more) => (said.errors += more) },
  });
  return { code, ...said };
}

test("generate writes the file, and leaves nothing beside it", async ({ home }) => {
  const output = join(home, "client.ts");
  const { code, out, errors } = await run("generate", petstore, "-o", output);

  expect({ code, out, errors }).toEqual({
    code: 0,
    out: "",
    errors: `${output}: 20 operations, 6 schemas\n`,
  });
  expect(await readFile(output, "utf8")).toBe(await readFixture("petstore/client.ts"));
  expect(await readdir(home)).toEqual(["client.ts"]);
});

test("without a file it writes to standard output", async () => {
  expect(await run("generate", petstore)).toEqual({
    code: 0,
    out: await readFixture("petstore/client.ts"),
    errors: "",
  });
});

test("a file that is up to date is not touched", async ({ home }) => {
  const output = join(home, "client.ts");
  await run("generate", petstore, "-o", output);
  const { ino } = await stat(output);
  await run("generate", petstore, "-o", output);

  expect((await stat(output)).ino).toBe(ino);
});

test("--check passes on what is up to date, and fails on what is not, or not there", async ({
  home,
}) => {
  const output = join(home, "client.ts");
  const check = ["generate", petstore, "--check", "-o", output];
  const problem = { code: 1, out: "", errors: `${output} is not up to date: generate it again\n` };

  expect(await run(...check)).toEqual(problem);
  await run("generate", petstore, "-o", output);
  expect(await run(...check)).toEqual({ code: 0, out: "", errors: "" });
  await writeFile(output, "old");
  expect(await run(...check)).toEqual(problem);
  expect(await readFile(output, "utf8")).toBe("old");
});

test("a bad document is an error of exit code 1, and no file is written", async ({ home }) => {
  const document = join(home, "api.yaml");
  await writeFile(document, 'openapi: 3.1.0\npaths:\n  "a\\e[2J": {}\n');

  expect(await run("generate", document, "-o", join(home, "client.ts"))).toEqual({
    code: 1,
    out: "",
    errors: "api.yaml#/paths/a\uFFFD[2J: a path must begin with a slash\n",
  });
  expect(await readdir(home)).toEqual(["api.yaml"]);
});

test("a file that cannot be written is an error of exit code 1", async ({ home }) => {
  const { code, errors } = await run("generate", petstore, "-o", join(home, "none/client.ts"));

  expect(code).toBe(1);
  expect(errors).toMatch(/^cannot write .*none\/client\.ts: ENOENT/);
});

test("--help is answered with the usage", async () => {
  const { code, out } = await run("--help");

  expect(code).toBe(0);
  expect(out).toContain("npx @net/http generate <document> [-o <client.ts>]");
});

test.each([
  [[], "the command is missing: generate"],
  [["generat", "x"], 'there is no command "generat"'],
  [["generate"], "generate needs a document"],
  [["generate", "a", "b"], "generate takes one document, not 2"],
  [["generate", "a", "--check"], "--check needs the file, with -o"],
  [["generate", "a", "--nope"], "Unknown option '--nope'"],
])("%j is an error of exit code 2", async (args, message) => {
  const { code, out, errors } = await run(...args);

  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(errors).toContain(message);
  expect(errors).toContain("Usage: npx @net/http generate");
});

test("npx runs it as it stands in bin", { timeout: 30_000 }, async () => {
  const bin = fileURLToPath(new URL("../../bin/net-http.js", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@net/source", bin, "generate", petstore]);
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);

  expect(errors).toBe("");
  expect(out).toBe(await readFixture("petstore/client.ts"));
});

test("a document is fetched with the package's own client", async () => {
  const document = await readFixture("petstore/openapi.json");
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/openapi.json" ? 200 : 404;
    response.end(document);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { code, out } = await run("generate", `${url}/openapi.json`);
    const client = await readFixture("petstore/client.ts");
    const missing = await run("generate", `${url}/none.json`);

    expect(code).toBe(0);
    expect(out.split("\n").slice(1)).toEqual(client.split("\n").slice(1));
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.errors).toContain(`GET ${url}/none.json was answered with status 404`);
  } finally {
    server.close();
  }
});
