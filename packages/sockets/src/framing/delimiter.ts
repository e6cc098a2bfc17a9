import { ProtocolError, ValidationError } from "@net/core";
import { positiveInteger } from "../validate.ts";
import { ByteQueue } from "./byte-queue.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, type Framing, type MessageDecoder } from "./framing.ts";

export interface DelimiterOptions {
  /** The longest message, without its delimiter, sent or received. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Each message is followed by `mark`, which is no part of it: lines end with `\n`, those of many text protocols
 * with `\r\n`. A message must not contain the mark.
 *
 * @throws ValidationError if `mark` is empty or `maxBytes` is not a whole number of 1 or more.
 */
export function delimiter(mark: string | Uint8Array, options: DelimiterOptions = {}): Framing {
  const bytes = Buffer.from(mark);
  if (bytes.length === 0) throw new ValidationError("a delimiter needs at least one byte");
  const maxBytes = positiveInteger("maxBytes", options.maxBytes ?? DEFAULT_MAX_MESSAGE_BYTES);
  return {
    encode: (message) => encode(message, bytes, maxBytes),
    decoder: () => new DelimiterDecoder(bytes, maxBytes),
  };
}

function encode(message: Uint8Array, mark: Buffer, maxBytes: number): readonly Uint8Array[] {
  const { byteLength } = message;
  if (byteLength > maxBytes) {
    throw new ValidationError(
      `a message of ${byteLength} bytes is over the limit of ${maxBytes} (maxBytes)`,
      { code: "FRAME_TOO_LARGE" },
    );
  }
  const marked = Buffer.concat([message, mark]);
  if (marked.indexOf(mark) < byteLength) {
    throw new ValidationError(`a message contains its own delimiter ${JSON.stringify(`${mark}`)}`);
  }
  return [marked];
}

class DelimiterDecoder implements MessageDecoder {
  readonly #mark: Buffer;
  readonly #maxBytes: number;
  readonly #bytes = new ByteQueue();
  /** The mark does not begin before this: these bytes were looked at already. */
  #searched = 0;

  constructor(mark: Buffer, maxBytes: number) {
    this.#mark = mark;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk);
  }

  next(): Uint8Array | undefined {
    const end = this.#bytes.indexOf(this.#mark, this.#searched);
    if (end === -1) this.#searched = Math.max(0, this.#bytes.length - this.#mark.length + 1);
    if ((end === -1 ? this.#searched : end) > this.#maxBytes) this.#tooLong();
    if (end === -1) return undefined;
    const message = this.#bytes.take(end);
    this.#bytes.take(this.#mark.length);
    this.#searched = 0;
    return message;
  }

  end(): void {
    if (this.#bytes.length === 0) return;
    throw new ProtocolError(
      `the connection ended after ${this.#bytes.length} bytes without the delimiter`,
    );
  }

  #tooLong(): never {
    throw new ProtocolError(`no delimiter came within ${this.#maxBytes} bytes (maxBytes)`, {
      code: "FRAME_TOO_LARGE",
    });
  }
}
