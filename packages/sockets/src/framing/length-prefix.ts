import { ProtocolError } from "@net/core";
import { assertOptions } from "@net/core/options";
import { frameLimit } from "../validate.ts";
import { BufferView } from "./buffer-view.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, type Framing, type MessageDecoder } from "./framing.ts";
import { assertFits, framingRules } from "./limit.ts";

export interface LengthPrefixOptions {
  /** The largest message, sent or received. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
}

const HEADER_BYTES = 4;

/**
 * Each message is preceded by its length in bytes, as an unsigned 32-bit big-endian number. Empty messages are
 * messages.
 *
 * @throws ValidationError if `maxBytes` is not a whole number from 1 to 4,294,967,295.
 */
export function lengthPrefix(options: LengthPrefixOptions = {}): Framing {
  assertOptions(options, framingRules, "lengthPrefix");
  const maxBytes = frameLimit("maxBytes", options.maxBytes ?? DEFAULT_MAX_MESSAGE_BYTES);
  return {
    encode: (message, out) => {
      assertFits(message, maxBytes);
      out.writeUInt32BE(message.byteLength);
      out.write(message);
    },
    decoder: () => new LengthPrefixDecoder(maxBytes),
  };
}

/** A message in pieces gets this much storage at once; it is not touched before its bytes come. */
const MIN_STORAGE_BYTES = 64 * 1024;
/** Smaller chunks may lie in storage that others share. */
const MIN_FREED_BYTES = 16 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Messages that lie in one chunk are views of it. One that came in pieces is gathered in storage that doubles as bytes
 * come, so that neither a length that is only announced nor a stream that dribbles costs more than its bytes.
 */
class LengthPrefixDecoder implements MessageDecoder {
  readonly #maxBytes: number;
  #chunk = NOTHING;
  /** What the chunk lies in. */
  #storage = NOTHING.buffer;
  /** Messages that were handed out lie in the chunk. */
  #isViewed = false;
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
    this.#storage = this.#chunk.buffer;
    this.#start = 0;
    this.#isViewed = false;
  }

  next(): Uint8Array | undefined {
    return this.#nextWhole() ?? this.#nextInPieces();
  }

  /** Nearly always: header and message lie in the chunk, and nothing is copied. */
  #nextWhole(): Uint8Array | undefined {
    const body = this.#start + HEADER_BYTES;
    if (this.#length !== undefined || this.#gathered > 0 || body > this.#chunk.length) {
      return undefined;
    }
    const end = body + this.#checked(this.#chunk.readUInt32BE(this.#start));
    if (end > this.#chunk.length) return undefined;
    const message = new BufferView(this.#storage, this.#chunk.byteOffset + body, end - body);
    this.#isViewed = true;
    this.#advance(end - this.#start);
    return message;
  }

  #nextInPieces(): Uint8Array | undefined {
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
    this.#isViewed = true;
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
    const larger = Buffer.allocUnsafe(Math.min(wanted, Math.max(2 * size, MIN_STORAGE_BYTES)));
    this.#pieces.copy(larger, 0, 0, this.#gathered);
    this.#pieces = larger;
  }

  /** A chunk that was read to its end is let go of: an idle connection keeps none. */
  #advance(count: number): void {
    this.#start += count;
    if (this.#start < this.#chunk.length) return;
    if (!this.#isViewed) free(this.#chunk);
    this.#chunk = NOTHING;
    this.#storage = NOTHING.buffer;
    this.#start = 0;
  }
}

/**
 * Gives a chunk's memory back at once. The garbage collector would do it too, but later, and it runs the more often the
 * more such memory waits for it: with large messages, that was a third of all work.
 */
function free({ buffer, byteLength }: Buffer): void {
  const isAlone = buffer.byteLength === byteLength && byteLength >= MIN_FREED_BYTES;
  if (isAlone && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
