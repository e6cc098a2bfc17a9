import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ValidationError } from "@net/core";

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
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new ValidationError(`cannot read ${file}: ${why}. Name another with --file <path>`, {
      cause,
    });
  });
  if (bytes.length > MAX_FILE_BYTES) {
    throw new ValidationError(
      `${file} has ${bytes.length} bytes; the tour takes up to ${MAX_FILE_BYTES}`,
    );
  }
  return { path: file, bytes: new Uint8Array(bytes) };
}
