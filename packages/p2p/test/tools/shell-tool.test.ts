import { readFileSync } from "node:fs";
import { execPath } from "node:process";
import { systemClock } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Child } from "../../src/tools/shell/child.ts";
import {
  type ShellResult,
  type ShellToolOptions,
  shellTool,
} from "../../src/tools/shell/shell-tool.ts";
import type { RunOptions } from "../../src/tools/tool-executor.ts";
import { ToolExecutor } from "../../src/tools/tool-executor.ts";

function toolsWith(options: ShellToolOptions): ToolExecutor {
  const tools = new ToolExecutor();
  tools.register(...shellTool(options));
  return tools;
}

async function run(
  options: ShellToolOptions,
  args: unknown,
  how: RunOptions = {},
): Promise<ShellResult> {
  return (await toolsWith(options).execute("shell", args, how)) as ShellResult;
}

/** A program of JavaScript: the surest one there is on every machine. */
function script(code: string): { program: string; args: string[] } {
  return { program: execPath, args: ["-e", code] };
}

const node = { allow: [[execPath]] };

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

test("a program that has ended leaves no timer", async () => {
  const clock = new FakeClock();
  await run({ ...node, clock }, script("1"));
  await toolsWith({ allow: ["no-such-program"], clock }).run("shell", {
    command: "no-such-program",
  });
  expect(clock.pending).toBe(0);
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

test("a program that writes faster than its reader reads is made to wait, and nothing is lost", async () => {
  const code = "for (let n = 0; n < 64; n++) process.stdout.write('x'.repeat(65536))";
  const child = new Child({
    ...{ argv: [execPath, "-e", code], cwd: undefined, env: {}, clock: systemClock },
  });
  await expect.poll(() => child.output.size).toBe(8);
  let bytes = 0;
  for await (const chunk of child.output) {
    bytes += chunk.bytes.length;
    await settle();
    expect(child.output.size).toBeLessThanOrEqual(8);
  }
  expect(bytes).toBe(64 * 65_536);
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
});

test("giving up ends the program and what it started", async () => {
  const controller = new AbortController();
  const pids: number[] = [];
  const code = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' });
    console.log(JSON.stringify([process.pid, child.pid])); setInterval(() => {}, 1e6);`;
  const tools = toolsWith(node);
  const outcome = await tools.run("shell", script(code), {
    signal: controller.signal,
    onChunk: (chunk) => {
      pids.push(...(JSON.parse((chunk as { text: string }).text) as number[]));
      controller.abort();
    },
  });
  expect(outcome).toMatchObject({ fate: "given-up", error: { code: "ABORTED" } });
  expect(pids).toHaveLength(2);
  while (tools.running > 0) await settle();
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test("a program that will not end is ended, after its time and two seconds of grace", async () => {
  const clock = new FakeClock();
  const begun = Promise.withResolvers<void>();
  const code =
    "process.on('SIGTERM', () => console.log('no')); console.log('up'); setInterval(() => {}, 1e6)";
  const chunks: string[] = [];
  const onChunk = (chunk: unknown): void => {
    chunks.push((chunk as { text: string }).text);
    begun.resolve();
  };
  const call = toolsWith({ ...node, timeout: 5_000, clock }).run("shell", script(code), {
    onChunk,
  });
  await begun.promise;
  await clock.advance(5_000);
  await expect.poll(() => chunks).toEqual(["up\n", "no\n"]);
  await clock.advance(2_000);

  expect(await call).toMatchObject({ error: { code: "TIMEOUT", retryable: false } });
  expect(clock.pending).toBe(0);
});

test("what a program leaves behind ends with it, and does not keep the call open", async () => {
  const code = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' });
    child.unref(); console.log(child.pid); process.exit(0);`;
  const { stdout } = await run(node, script(code));
  await expect.poll(() => isAlive(Number(stdout))).toBe(false);
});

test("what has left the program's group, and holds its output open, does not keep the call open", async () => {
  const code = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit', detached: true });
    child.unref(); console.log(child.pid); process.exit(0);`;
  const { stdout } = await run(node, script(code));
  process.kill(Number(stdout), "SIGKILL");
});

/** What is dead and waits for its parent, or for init, to take notice counts as dead. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).syscall === "open" && process.platform !== "linux";
  }
}
