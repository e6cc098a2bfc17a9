import {
  constants,
  type FileHandle,
  open,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { isRecord, ProtocolError } from "@net/core";
import type { StreamResponse } from "../response/stream-response.ts";

export interface PartFileOptions {
  /** What was left is taken up again, and left again. */
  readonly isKept: boolean;
  /** Where it comes from: what came from elsewhere is not gone on with. */
  readonly url: string;
}

/** Which version of the file the part is of. */
interface Mark {
  readonly url: string;
  /** A strong `ETag`, or `Last-Modified`. */
  readonly validator: string;
}

const contentRange = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/;

/** The part of a download that is there, beside the file that it becomes; with `isKept`, a note of which version it is of. */
export class PartFile implements AsyncDisposable {
  readonly path: string;
  readonly #target: string;
  readonly #options: PartFileOptions;
  readonly #file: FileHandle;
  #validator: string | undefined;
  #size: number;
  #totalBytes: number | undefined;
  #isFinished = false;

  private constructor(
    target: string,
    options: PartFileOptions,
    file: FileHandle,
    size: number,
    validator: string | undefined,
  ) {
    this.#target = target;
    this.path = `${target}.part`;
    this.#options = options;
    this.#file = file;
    this.#size = size;
    this.#validator = validator;
  }

  static async open(target: string, options: PartFileOptions): Promise<PartFile> {
    const validator = options.isKept ? await readMark(target, options.url) : undefined;
    const flags =
      constants.O_RDWR | constants.O_CREAT | (validator === undefined ? constants.O_TRUNC : 0);
    const file = await open(`${target}.part`, flags, 0o600);
    const { size } = await file.stat();
    return new PartFile(target, options, file, size, validator);
  }

  /** Bytes that are there. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that there will be, if the server said. */
  get totalBytes(): number | undefined {
    return this.#totalBytes;
  }

  /** The server can be asked for the rest. */
  get canResume(): boolean {
    return this.#validator !== undefined;
  }

  /** Asks for the rest, if it is still the same (RFC 9110 §13.1.5, §14.2). */
  get rangeHeaders(): Readonly<Record<string, string>> {
    if (this.#size === 0 || this.#validator === undefined) return {};
    return { range: `bytes=${this.#size}-`, "if-range": this.#validator };
  }

  /** Makes ready for an answer: the rest, or all of it anew. @throws ProtocolError if it is neither. */
  async begin({ status, headers }: StreamResponse): Promise<void> {
    if (status === 206) {
      this.#totalBytes = this.#restOf(headers["content-range"]);
      return;
    }
    if (this.#size > 0) await this.restart();
    const length = headers["content-length"];
    this.#totalBytes = length === undefined ? undefined : Number(length);
    this.#validator = validatorOf(headers);
    if (this.#options.isKept && this.#validator !== undefined)
      await this.#writeMark(this.#validator);
  }

  /** Adds to its end. */
  async write(chunk: Uint8Array): Promise<void> {
    let written = 0;
    while (written < chunk.byteLength) {
      const { bytesWritten } = await this.#file.write(
        chunk,
        written,
        chunk.byteLength - written,
        this.#size,
      );
      written += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** What is there is worth nothing. */
  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#size = 0;
    this.#validator = undefined;
  }

  /** Everything is on the disk. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /** It is whole, and becomes the file. */
  async finish(): Promise<void> {
    this.#isFinished = true;
    await this.#file.close();
    await rename(this.path, this.#target);
    await rm(markOf(this.#target), { force: true });
  }

  /** It is wrong, and nobody shall go on with it. */
  async discard(): Promise<void> {
    this.#isFinished = true;
    await this.#file.close();
    await this.#remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    await this.#file.close();
    if (!this.#options.isKept || !this.canResume || this.#size === 0) await this.#remove();
  }

  /** How many bytes there are in all. */
  #restOf(header: string | undefined): number | undefined {
    const [, start, , total] = contentRange.exec(header ?? "") ?? [];
    if (Number(start) === this.#size) return total === "*" ? undefined : Number(total);
    throw new ProtocolError(
      `asked for bytes from ${this.#size} on, the server sent "${header ?? ""}"`,
    );
  }

  async #writeMark(validator: string): Promise<void> {
    const mark: Mark = { url: this.#options.url, validator };
    await writeFile(markOf(this.#target), JSON.stringify(mark));
  }

  async #remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(markOf(this.#target), { force: true });
  }
}

function markOf(target: string): string {
  return `${target}.part.json`;
}

/** The version that a part is of; undefined if there is none, or it cannot be known. */
async function readMark(target: string, url: string): Promise<string | undefined> {
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
function validatorOf(headers: StreamResponse["headers"]): string | undefined {
  const { etag } = headers;
  return etag?.startsWith('"') ? etag : headers["last-modified"];
}
