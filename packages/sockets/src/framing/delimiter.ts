import { ProtocolError, ValidationError } from "@net/core";
import { assertOptions } from "@net/core/options";
import { positiveInteger } from "../validate.ts";
import { ByteQueue } from "./byte-queue.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, type Framing, type MessageDecoder } from "./framing.ts";
import { assertFits, framingRules } from "./limit.ts";

export interface DelimiterOptions {
  /** The longest message, without its delimiter, sent or received. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Each message is followed by `mark`, which is no part of it: lines end with `\n`, those of many text protocols
 * with `\r\n`. A message must not contain the mark.
 *
 * @throws ValidationError if `mark` is empty or neither text nor bytes, or `maxBytes` is not a whole number of 1 or more.
 */
export function delimiter(mark: string | Uint8Array, options: DelimiterOptions = {}): Framing {
  assertOptions(options, framingRules, "delimiter");
  const bytes = bytesOf(mark);
  const maxBytes = positiveInteger("maxBytes", options.maxBytes ?? DEFAULT_MAX_MESSAGE_BYTES);
  return {
    encode: (message, out) => {
      assertFits(message, maxBytes);
      assertFree(message, bytes);
      out.write(message);
      out.write(bytes);
    },
    decoder: () => new DelimiterDecoder(bytes, maxBytes),
  };
}

function bytesOf(mark: string | Uint8Array): Buffer {
  const isText = typeof mark === "string" || mark instanceof Uint8Array;
  if (isText && mark.length > 0) return Buffer.from(mark);
  throw new ValidationError("a delimiter is a text or bytes, one byte or more");
}

/** Neither the message nor its end together with the mark may hold an earlier mark. */
function assertFree(message: Uint8Array, mark: Buffer): void {
  const tail = Buffer.concat([message.subarray(-(mark.length - 1) || message.length), mark]);
  if (viewOf(message).indexOf(mark) === -1 && tail.indexOf(mark) === tail.length - mark.length)
    return;
  throw new ValidationError(`a message contains its own delimiter ${JSON.stringify(`${mark}`)}`);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
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
