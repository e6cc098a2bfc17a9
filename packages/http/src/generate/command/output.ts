import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { ValidationError } from "@net/core";

/** True if a file holds exactly this text; false also if there is none. @throws ValidationError if it cannot be read. */
export async function isUpToDate(file: string, text: string): Promise<boolean> {
  try {
    return (await readFile(file, "utf8")) === text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw unusable("read", file, error);
  }
}

/** Writes a file whole or not at all; one that holds the text already is left alone. @throws ValidationError */
export async function writeWhole(file: string, text: string): Promise<void> {
  if (await isUpToDate(file, text)) return;
  const unfinished = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, text, { flag: "wx" });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unusable("write", file, error);
  }
}

function unusable(doing: string, file: string, cause: unknown): ValidationError {
  return new ValidationError(`cannot ${doing} ${file}: ${(cause as Error).message}`, { cause });
}
