import { NetworkError, PermissionError, toNetworkError } from "@net/core";

/** Why a program could not be started, as one of the family. */
export function spawnFailure(cause: Error, program: string, cwd?: string): NetworkError {
  const { code } = cause as NodeJS.ErrnoException;
  const where = cwd === undefined ? "" : `, or no directory ${cwd}`;
  if (code === "ENOENT") {
    return new NetworkError("NOT_FOUND", `there is no program ${program}${where}`, { cause });
  }
  if (code === "EACCES") return new PermissionError(`${program} may not be run`, { cause });
  return toNetworkError(cause, { doing: `run ${program}` });
}

/** True for what `child_process` says when a program does not start. */
export function isSpawnFailure(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error)) return false;
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall?.startsWith("spawn") ?? false;
}
