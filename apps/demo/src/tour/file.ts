import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NetworkError, ValidationError } from "@net/core";

/** A file's bytes travel in one frame for now. */
const MAX_FILE_BYTES = 512 * 1024;

export interface TextFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The file the tour works on: the one named, else the repository's README.md. @throws ValidationError */
export async function readTextFile(path?: string): Promise<TextFile> {
  const file = path
    ? resolve(path)
    : fileURLToPath(new URL("../../../../README.md", import.meta.url));
  try {
    return { path: file, bytes: await readBounded(file) };
  } catch (cause) {
    const message = `cannot read ${file}: ${whyNot(cause)}. Name another with --file <path>`;
    throw new ValidationError(message, { cause });
  }
}

/** Checks before it opens: a device has no end, and a pipe waits for somebody to write. */
async function readBounded(path: string): Promise<Uint8Array> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new ValidationError("that is no regular file");
  if (stats.size === 0) throw new ValidationError("it is empty");
  if (stats.size > MAX_FILE_BYTES) {
    throw new ValidationError(
      `it has ${stats.size} bytes, and the tour takes up to ${MAX_FILE_BYTES}`,
    );
  }
  return new Uint8Array(await readFile(path));
}

function whyNot(cause: unknown): string {
  if (NetworkError.is(cause)) return cause.message;
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === "ENOENT" ? "there is no such file" : message;
}
