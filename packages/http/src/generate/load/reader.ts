import { open, realpath } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { AbortedError, NetworkError, throwIfAborted, ValidationError } from "@net/core";
import { isRemote } from "./location.ts";

export interface ReadOptions {
  readonly maxBytes: number;
  /** The folder that a file must lie under, links followed. Default: any. */
  readonly under?: URL | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where documents come from. Rejects with a `NetworkError` that says why there is none. */
export type DocumentReader = (url: URL, options: ReadOptions) => Promise<string>;

/** Reads files, and http and https URLs with this package's client. */
export async function readDocument(url: URL, options: ReadOptions): Promise<string> {
  throwIfAborted(options.signal);
  return isRemote(url) ? await fetchDocument(url, options) : await readFile(url, options);
}

async function fetchDocument(url: URL, { maxBytes, signal }: ReadOptions): Promise<string> {
  // Only where it is needed: most documents are files.
  const { createHttpClient } = await import("../../index.ts");
  await using http = createHttpClient({ maxBodyBytes: maxBytes, throwOnError: true });
  const answer = await http.request("GET", url, { signal });
  return answer.text;
}

async function readFile(url: URL, options: ReadOptions): Promise<string> {
  try {
    const path = await realpath(fileURLToPath(url));
    if (options.under) await assertUnder(path, options.under);
    return await readPlainFile(path, options);
  } catch (error) {
    throw readError(error, options.signal);
  }
}

async function readPlainFile(path: string, { maxBytes, signal }: ReadOptions): Promise<string> {
  await using file = await open(path);
  const info = await file.stat();
  // A device or a pipe may never end.
  if (!info.isFile()) throw new ValidationError("it is not a plain file");
  if (info.size > maxBytes) throw new ValidationError(`it is larger than ${maxBytes} bytes`);
  return await file.readFile({ encoding: "utf8", ...(signal && { signal }) });
}

async function assertUnder(path: string, folder: URL): Promise<void> {
  const way = relative(await realpath(fileURLToPath(folder)), path);
  if (!way.startsWith("..") && !isAbsolute(way)) return;
  throw new ValidationError("it lies outside the folder that references may lead to (refRoot)");
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
  EISDIR: "it is a folder",
  ENOTDIR: "there is no such file",
};

function readError(error: unknown, signal: AbortSignal | undefined): NetworkError {
  if (NetworkError.is(error)) return error;
  if (signal?.aborted) return new AbortedError(undefined, { cause: error });
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new ValidationError(reasons[code] ?? message, { cause: error });
}
