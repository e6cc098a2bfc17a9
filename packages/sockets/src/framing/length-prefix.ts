import { ProtocolError, ValidationError } from "@net/core";
import { positiveInteger } from "../validate.ts";
import { ByteQueue } from "./byte-queue.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, type Framing, type MessageDecoder } from "./framing.ts";

export interface LengthPrefixOptions {
  /** The largest message, sent or received. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

const HEADER_BYTES = 4;
/** Up to this size header and message are copied together: one buffer is cheaper to write than two. */
const COPY_LIMIT_BYTES = 8 * 1024;

/**
 * Each message is preceded by its length in bytes, as an unsigned 32-bit big-endian number. Empty messages are
 * messages.
 *
 * @throws ValidationError if `maxBytes` is not a whole number of 1 or more.
 */
export function lengthPrefix(options: LengthPrefixOptions = {}): Framing {
  const maxBytes = positiveInteger("maxBytes", options.maxBytes ?? DEFAULT_MAX_MESSAGE_BYTES);
  return {
    encode: (message) => encode(message, maxBytes),
    decoder: () => new LengthPrefixDecoder(maxBytes),
  };
}

function encode(message: Uint8Array, maxBytes: number): readonly Uint8Array[] {
  const { byteLength } = message;
  if (byteLength > maxBytes) {
    throw new ValidationError(
      `a message of ${byteLength} bytes is over the limit of ${maxBytes} (maxBytes)`,
      { code: "FRAME_TOO_LARGE" },
    );
  }
  const copied = byteLength <= COPY_LIMIT_BYTES;
  const header = Buffer.allocUnsafe(HEADER_BYTES + (copied ? byteLength : 0));
  header.writeUInt32BE(byteLength);
  if (!copied) return [header, message];
  header.set(message, HEADER_BYTES);
  return [header];
}

class LengthPrefixDecoder implements MessageDecoder {
  readonly #maxBytes: number;
  readonly #bytes = new ByteQueue();
  #length: number | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk);
  }

  next(): Uint8Array | undefined {
    this.#length ??= this.#readLength();
    if (this.#length === undefined || this.#bytes.length < this.#length) return undefined;
    const message = this.#bytes.take(this.#length);
    this.#length = undefined;
    return message;
  }

  end(): void {
    if (this.#length === undefined && this.#bytes.length === 0) return;
    const missing = (this.#length ?? HEADER_BYTES) - this.#bytes.length;
    throw new ProtocolError(
      `the connection ended inside a length-prefixed message: ${missing} bytes are missing`,
    );
  }

  /** The limit is checked before anything of the message is kept. */
  #readLength(): number | undefined {
    if (this.#bytes.length < HEADER_BYTES) return undefined;
    const length = this.#bytes.peekUInt32();
    this.#bytes.take(HEADER_BYTES);
    if (length <= this.#maxBytes) return length;
    throw new ProtocolError(
      `a message of ${length} bytes was announced, over the limit of ${this.#maxBytes} (maxBytes)`,
      { code: "FRAME_TOO_LARGE" },
    );
  }
}
