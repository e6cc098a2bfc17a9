import { expect, test } from "vitest";
import { shellTool } from "../../src/tools/shell/shell-tool.ts";
import { node, run, script, toolsWith } from "./support/shell.ts";

test("it runs what is allowed, and says how that ended", async () => {
  expect(await run({ allow: ["printf"] }, { command: "printf 'a b' " })).toEqual({
    ...{ exitCode: 0, signal: null, stdout: "a b", stderr: "", truncated: false },
    durationMs: expect.any(Number),
  });
  expect(await run(node, script("console.error('no'); process.exitCode = 3"))).toMatchObject({
    ...{ exitCode: 3, stdout: "", stderr: "no\n" },
  });
  expect(await run(node, script("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({
    ...{ exitCode: null, signal: "SIGKILL" },
  });
});

test("what is not allowed is refused before anything runs", async () => {
  const tools = toolsWith({ allow: ["ls", "git status", ["git", "log", "-1"]] });
  for (const command of ["rm -rf /", "git push", "git -C / status", "/bin/ls", "git log"]) {
    expect(await tools.run("shell", { command })).toMatchObject({
      error: { code: "PERMISSION_DENIED", message: expect.stringContaining("ls, git status") },
    });
  }
});

test("it asks for a permission unless told otherwise, and says what it does", () => {
  const [definition] = shellTool({ allow: ["ls"] });
  expect(definition).toMatchObject({
    ...{ name: "shell", permission: "shell", annotations: { destructiveHint: true } },
    description: expect.stringContaining("ls"),
  });
  const [open] = shellTool({ allow: ["ls"], permission: null, name: "list" });
  expect(open).not.toHaveProperty("permission");
  expect(open.name).toBe("list");
});

test.each([
  ["nothing allowed", { allow: [] }],
  ["an empty entry", { allow: [""] }],
  ["an empty list of words", { allow: [[]] }],
  ["no time", { allow: ["ls"], timeout: 0 }],
  ["no room", { allow: ["ls"], maxOutputBytes: -1 }],
])("options with %s are refused", (_, options) => {
  expect(() => shellTool(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test.each([
  ["neither", {}],
  ["both", { command: "ls", program: "ls" }],
  ["an empty command", { command: "  " }],
  ["an empty program", { program: "" }],
  ["NUL", { program: "ls", args: ["a\0b"] }],
  ["an unknown field", { command: "ls", shell: true }],
  ["a shell's operator", { command: "ls; rm x" }],
])("arguments with %s are refused", async (_, args) => {
  expect(await toolsWith({ allow: ["ls"] }).run("shell", args)).toMatchObject({
    error: { code: "INVALID_ARGUMENT" },
  });
});

test("a program that does not exist is NOT_FOUND", async () => {
  await expect(
    run({ allow: ["no-such-program"] }, { command: "no-such-program" }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a program knows nothing of this process unless told", async () => {
  const show = script("console.log(JSON.stringify(process.env))");
  const bare = await run(node, show);
  expect(Object.keys(JSON.parse(bare.stdout) as object).sort()).toEqual(["LANG", "PATH"]);
  const told = await run({ ...node, env: { GREETING: "hi" } }, show);
  expect(JSON.parse(told.stdout)).toMatchObject({ GREETING: "hi" });
});

test("it runs where it is told, in what it is told", async () => {
  const options = { ...node, cwd: "/", sandbox: ["/usr/bin/env", "BOXED=yes"] };
  const { stdout } = await run(options, script("console.log(process.cwd(), process.env.BOXED)"));
  expect(stdout).toBe("/ yes\n");
});

test("output is streamed as it comes, whole characters only", async () => {
  const chunks: unknown[] = [];
  const code =
    "process.stdout.write(Buffer.from([0xe2, 0x82])); setTimeout(() => process.stdout.write(Buffer.from([0xac])), 30)";
  const { stdout } = await run(node, script(code), { onChunk: (chunk) => void chunks.push(chunk) });
  expect(stdout).toBe("€");
  expect(chunks).toEqual([{ stream: "stdout", text: "€" }]);
});

test("the result holds the beginning of long output, and the stream all of it", async () => {
  let streamed = 0;
  const onChunk = (chunk: unknown): void => {
    streamed += (chunk as { text: string }).text.length;
  };
  const code = "process.stdout.write('é'.repeat(100_000))";
  const result = await run({ ...node, maxOutputBytes: 1_001 }, script(code), { onChunk });
  expect(result).toMatchObject({ truncated: true, stdout: "é".repeat(500) });
  expect(streamed).toBe(100_000);
});
