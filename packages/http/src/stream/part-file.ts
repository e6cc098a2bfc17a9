import { randomBytes } from "node:crypto";
import { constants, type FileHandle, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { NetworkError, ProtocolError } from "@net/core";
import type { StreamResponse } from "../response/stream-response.ts";
import { onDisk } from "./file-error.ts";
import { markOf, readMark, validatorOf, writeMark } from "./part-mark.ts";

export interface PartFileOptions {
  /** What was left is taken up again, and left again. */
  readonly isKept: boolean;
  /** Where it comes from: what came from elsewhere is not gone on with. */
  readonly url: string;
}

/** Parts that are written to now, and have a name that a second download would write to too. */
const inUse = new Set<string>();

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

  private constructor(target: string, options: PartFileOptions, opened: Opened) {
    this.#target = target;
    this.#options = options;
    this.path = opened.path;
    this.#file = opened.file;
    this.#size = opened.size;
    this.#validator = opened.validator;
  }

  /** @throws NetworkError where it cannot be written: `PERMISSION_DENIED`, `NOT_FOUND`, `CONFLICT` and others. */
  static async open(target: string, options: PartFileOptions): Promise<PartFile> {
    const opening = options.isKept ? openKept(target, options.url) : openNew(target);
    return new PartFile(target, options, await onDisk(target, opening));
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

  /**
   * Makes ready for an answer: the rest, or all of it anew.
   *
   * @throws ProtocolError if it is neither; retryable if it is the rest of another version, and all must be asked for.
   */
  async begin({ status, headers }: StreamResponse): Promise<void> {
    if (status === 206) {
      await this.#restartIfOther(validatorOf(headers));
      this.#totalBytes = this.#restOf(headers["content-range"]);
      return;
    }
    if (this.#size > 0) await this.restart();
    const length = headers["content-length"];
    this.#totalBytes = length === undefined ? undefined : Number(length);
    this.#validator = validatorOf(headers);
    const { isKept, url } = this.#options;
    if (isKept && this.#validator !== undefined) {
      await onDisk(
        markOf(this.#target),
        writeMark(this.#target, { url, validator: this.#validator }),
      );
    }
  }

  /** Adds to its end. */
  async write(chunk: Uint8Array): Promise<void> {
    let written = 0;
    while (written < chunk.byteLength) {
      const rest = chunk.byteLength - written;
      const writing = this.#file.write(chunk, written, rest, this.#size);
      const { bytesWritten } = await onDisk(this.path, writing);
      written += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** What is there is worth nothing. */
  async restart(): Promise<void> {
    await onDisk(this.path, this.#file.truncate(0));
    this.#size = 0;
  }

  /** Everything is on the disk. */
  async sync(): Promise<void> {
    await onDisk(this.path, this.#file.sync());
  }

  /** It is whole, and becomes the file. */
  async finish(): Promise<void> {
    await this.#file.close();
    await onDisk(this.#target, rename(this.path, this.#target));
    this.#end();
    if (this.#options.isKept) await rm(markOf(this.#target), { force: true });
  }

  /** It is wrong, and nobody shall go on with it. */
  async discard(): Promise<void> {
    this.#end();
    await this.#file.close();
    await this.#remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    if (!this.#options.isKept || !this.canResume || this.#size === 0) await this.discard();
    else {
      this.#end();
      await this.#file.close();
    }
  }

  #end(): void {
    this.#isFinished = true;
    inUse.delete(this.path);
  }

  /** Not every server heeds `If-Range`: pieces of two versions must not be glued together. */
  async #restartIfOther(validator: string | undefined): Promise<void> {
    if (this.#size === 0 || validator === undefined || validator === this.#validator) return;
    await this.restart();
    throw new ProtocolError(`asked for the rest of ${this.#validator}, got that of ${validator}`, {
      retryable: true,
    });
  }

  /** How many bytes there are in all. */
  #restOf(header: string | undefined): number | undefined {
    const [, start, , total] = contentRange.exec(header ?? "") ?? [];
    if (Number(start) === this.#size) return total === "*" ? undefined : Number(total);
    throw new ProtocolError(
      `asked for bytes from ${this.#size} on, the server sent "${header ?? ""}"`,
    );
  }

  async #remove(): Promise<void> {
    await rm(this.path, { force: true });
    if (this.#options.isKept) await rm(markOf(this.#target), { force: true });
  }
}

interface Opened {
  readonly path: string;
  readonly file: FileHandle;
  readonly size: number;
  readonly validator: string | undefined;
}

/** A name that nobody else writes to, whatever else is downloaded to the same place at the same moment. */
async function openNew(target: string): Promise<Opened> {
  const path = `${target}.${randomBytes(6).toString("hex")}.part`;
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  return { path, file, size: 0, validator: undefined };
}

/** A name that is found again. A link in its place could lead to somebody else's file. */
async function openKept(target: string, url: string): Promise<Opened> {
  const path = `${resolve(target)}.part`;
  if (inUse.has(path)) {
    throw new NetworkError("CONFLICT", `${target} is being downloaded already`);
  }
  inUse.add(path);
  try {
    const validator = await readMark(target, url);
    const fresh = validator === undefined ? constants.O_TRUNC : 0;
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | fresh;
    const file = await open(path, flags, 0o600);
    return { path, file, size: (await file.stat()).size, validator };
  } catch (error) {
    inUse.delete(path);
    throw error;
  }
}
