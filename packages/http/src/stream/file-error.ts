import { AbortedError, type ErrorCode, NetworkError } from "@net/core";

/** What the file system's errors mean in our words; what is not here is `INTERNAL`. */
const meanings: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EACCES: ["PERMISSION_DENIED", "this process may not write there"],
  EPERM: ["PERMISSION_DENIED", "this process may not write there"],
  EROFS: ["PERMISSION_DENIED", "the file system is read-only"],
  ENOENT: ["NOT_FOUND", "there is no such folder"],
  ENOTDIR: ["INVALID_ARGUMENT", "what should be a folder is a file"],
  EISDIR: ["INVALID_ARGUMENT", "it is a folder"],
  ELOOP: ["INVALID_ARGUMENT", "it is a link"],
  ENAMETOOLONG: ["INVALID_ARGUMENT", "the name is too long"],
  ENOSPC: ["OUT_OF_RESOURCES", "the disk is full"],
  EDQUOT: ["OUT_OF_RESOURCES", "the disk quota is used up"],
  EMFILE: ["OUT_OF_RESOURCES", "this process has too many open files"],
  ENFILE: ["OUT_OF_RESOURCES", "this machine has too many open files"],
};

/** The result of what is done with a file. Rejects with a `NetworkError` that names the file and what went wrong. */
export async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw fileError(path, cause);
  }
}

function fileError(path: string, cause: unknown): NetworkError {
  if (NetworkError.is(cause)) return cause;
  if (cause instanceof Error && cause.name === "AbortError") {
    return new AbortedError(undefined, { cause });
  }
  const { code = "", message = String(cause) } = cause as { code?: string; message?: string };
  const [kind, text] = meanings[code] ?? (["INTERNAL", message] as const);
  return new NetworkError(kind, `cannot write ${path}: ${text}`, { cause });
}
