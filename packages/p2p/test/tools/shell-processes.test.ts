import { readFileSync } from "node:fs";
import { execPath } from "node:process";
import { systemClock } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { Child } from "../../src/tools/shell/child.ts";
import { node, run, script, toolsWith } from "./support/shell.ts";

test("a program that has ended leaves no timer", async () => {
  const clock = new FakeClock();
  await run({ ...node, clock }, script("1"));
  await toolsWith({ allow: ["no-such-program"], clock }).run("shell", {
    command: "no-such-program",
  });
  expect(clock.pending).toBe(0);
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
