import { ProtocolError, ValidationError } from "@net/core";
import { positiveInteger } from "../validate.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, type Framing, type MessageDecoder } from "./framing.ts";

export interface LengthPrefixOptions {
  /** The largest message, sent or received. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

const HEADER_BYTES = 4;

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
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(byteLength);
  return [header, message];
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Messages that lie in one chunk are views of it. One that came in pieces is gathered in storage that doubles as bytes
 * come, so that neither a length that is only announced nor a stream that dribbles costs more than its bytes.
 */
class LengthPrefixDecoder implements MessageDecoder {
  readonly #maxBytes: number;
  #chunk = NOTHING;
  /** Where the unread rest of the chunk begins. */
  #start = 0;
  /** What did not lie in one chunk, `#gathered` bytes of it so far. */
  #pieces = NOTHING;
  #gathered = 0;
  /** Of the message whose header was read; undefined between messages. */
  #length: number | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunk =
      this.#unread === 0 ? chunk : Buffer.concat([this.#chunk.subarray(this.#start), chunk]);
    this.#start = 0;
  }

  next(): Uint8Array | undefined {
    this.#length ??= this.#readLength();
    if (this.#length === undefined) return undefined;
    const message = this.#take(this.#length);
    if (message) this.#length = undefined;
    return message;
  }

  end(): void {
    const waiting = this.#gathered + this.#unread;
    if (this.#length === undefined && waiting === 0) return;
    const missing = (this.#length ?? HEADER_BYTES) - waiting;
    throw new ProtocolError(
      `the connection ended inside a length-prefixed message: ${missing} bytes are missing`,
    );
  }

  get #unread(): number {
    return this.#chunk.length - this.#start;
  }

  /** The limit is checked before anything of the message is kept. */
  #readLength(): number | undefined {
    if (this.#gathered > 0 || this.#unread < HEADER_BYTES) {
      const header = this.#gather(HEADER_BYTES);
      return header && this.#checked(header.readUInt32BE());
    }
    // Nearly always: no view is made of what is only looked at.
    const length = this.#chunk.readUInt32BE(this.#start);
    this.#advance(HEADER_BYTES);
    return this.#checked(length);
  }

  #checked(length: number): number {
    if (length <= this.#maxBytes) return length;
    throw new ProtocolError(
      `a message of ${length} bytes was announced, over the limit of ${this.#maxBytes} (maxBytes)`,
      { code: "FRAME_TOO_LARGE" },
    );
  }

  /** That many bytes, or undefined until they have come. */
  #take(count: number): Buffer | undefined {
    if (this.#gathered > 0 || this.#unread < count) return this.#gather(count);
    const taken = this.#chunk.subarray(this.#start, this.#start + count);
    this.#advance(count);
    return taken;
  }

  #gather(wanted: number): Buffer | undefined {
    const count = Math.min(this.#unread, wanted - this.#gathered);
    this.#makeRoom(this.#gathered + count, wanted);
    this.#chunk.copy(this.#pieces, this.#gathered, this.#start, this.#start + count);
    this.#advance(count);
    this.#gathered += count;
    if (this.#gathered < wanted) return undefined;
    const whole = this.#pieces;
    this.#pieces = NOTHING;
    this.#gathered = 0;
    return whole;
  }

  /** Never more than is wanted, so that whole pieces fill their storage exactly. */
  #makeRoom(size: number, wanted: number): void {
    if (size <= this.#pieces.length) return;
    const larger = Buffer.allocUnsafe(Math.min(wanted, 2 * size));
    this.#pieces.copy(larger, 0, 0, this.#gathered);
    this.#pieces = larger;
  }

  /** A chunk that was read to its end is let go of: an idle connection keeps none. */
  #advance(count: number): void {
    this.#start += count;
    if (this.#start < this.#chunk.length) return;
    this.#chunk = NOTHING;
    this.#start = 0;
  }
}
