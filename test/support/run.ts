import { execFile } from "node:child_process";
import { root } from "./workspace.ts";

/** How a program ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Where it runs. Default: the workspace. */
  readonly cwd?: string;
  /** Killed after this many ms. */
  readonly timeout: number;
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a program to its end. @throws Error if it does not end in time; what it printed is in the message. */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd = root, timeout } = options;
  // Where npm and pnpm are scripts, only a shell runs them.
  const shell = process.platform === "win32" && !file.endsWith(".exe");
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  execFile(
    file,
    args,
    { cwd, timeout, shell, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT_BYTES },
    (error, stdout, stderr) => {
      const exitCode = error ? error.code : 0;
      if (typeof exitCode === "number") return resolve({ exitCode, stdout, stderr });
      const why = error?.killed ? `did not end within ${timeout} ms` : String(error);
      reject(
        new Error(`${file} ${args.join(" ")}: ${why}\n${stdout}\n${stderr}`, { cause: error }),
      );
    },
  );
  return promise;
}
