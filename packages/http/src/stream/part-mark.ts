import { readFile, writeFile } from "node:fs/promises";
import { isRecord } from "@net/core";
import type { ResponseHeaders } from "../response/headers.ts";

/** Which version of a file a part of it is of. It stands in a file beside the part. */
export interface PartMark {
  readonly url: string;
  /** A strong `ETag`, or `Last-Modified`. */
  readonly validator: string;
}

export function markOf(target: string): string {
  return `${target}.part.json`;
}

export async function writeMark(target: string, mark: PartMark): Promise<void> {
  await writeFile(markOf(target), JSON.stringify(mark), { mode: 0o600 });
}

/** The version that a part is of; undefined if there is none, or it cannot be known. */
export async function readMark(target: string, url: string): Promise<string | undefined> {
  try {
    const mark: unknown = JSON.parse(await readFile(markOf(target), "utf8"));
    const isSame = isRecord(mark) && mark.url === url && typeof mark.validator === "string";
    return isSame ? (mark.validator as string) : undefined;
  } catch {
    // No note, or a broken one: nothing to go on with.
    return undefined;
  }
}

/** A weak `ETag` says "as good as", which is not enough for pieces that must fit (RFC 9110 §8.8.1). */
export function validatorOf(headers: ResponseHeaders): string | undefined {
  const { etag } = headers;
  return etag?.startsWith('"') ? etag : headers["last-modified"];
}
