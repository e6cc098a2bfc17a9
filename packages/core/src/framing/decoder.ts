import { ProtocolError } from "../errors/kinds.ts";
import { FrameType, HEADER_BYTES, MAX_CLOSE_BYTES } from "./wire.ts";

export interface DecodedFrame {
  readonly type: number;
  readonly payload: Uint8Array;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames. Sizes are checked before anything is kept. Payloads are views of the chunk where
 * a frame lies in one; a frame that came in pieces is gathered in storage that doubles as bytes come, so that
 * neither a length that is only announced nor a stream that dribbles costs more than the bytes that came.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  #chunk = NOTHING;
  /** Where the unread rest of the chunk begins. */
  #start = 0;
  /** What did not lie in one chunk, `#gathered` bytes of it so far. */
  #pieces = NOTHING;
  #gathered = 0;
  /** The type of the frame whose header was read; undefined between frames. */
  #type: number | undefined;
  /** What is being read, header or payload, has this many bytes. */
  #wanted = HEADER_BYTES;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** True inside a frame: the stream must not end here. */
  get inFrame(): boolean {
    return this.#type !== undefined || this.#gathered + this.#unread > 0;
  }

  push(chunk: Buffer): void {
    this.#chunk =
      this.#unread === 0 ? chunk : Buffer.concat([this.#chunk.subarray(this.#start), chunk]);
    this.#start = 0;
  }

  /** The next whole frame, if there is one. @throws ProtocolError on an unknown type or an excessive length. */
  next(): DecodedFrame | undefined {
    if (this.#type === undefined && !this.#readHeader()) return undefined;
    const payload = this.#take();
    if (!payload) return undefined;
    const type = this.#type as number;
    this.#type = undefined;
    this.#wanted = HEADER_BYTES;
    return { type, payload };
  }

  /** Lets go of all bytes. */
  clear(): void {
    this.#chunk = NOTHING;
    this.#pieces = NOTHING;
    this.#start = 0;
    this.#gathered = 0;
  }

  get #unread(): number {
    return this.#chunk.length - this.#start;
  }

  #readHeader(): boolean {
    if (this.#gathered === 0 && this.#unread >= HEADER_BYTES) {
      // Nearly always: no view is made of what is only looked at.
      this.#startFrame(this.#chunk, this.#start);
      this.#advance(HEADER_BYTES);
      return true;
    }
    const header = this.#gather();
    if (header) this.#startFrame(header, 0);
    return header !== undefined;
  }

  #startFrame(bytes: Buffer, offset: number): void {
    const type = bytes[offset] as number;
    const length = bytes.readUInt32BE(offset + 1);
    if (type !== FrameType.data && type !== FrameType.close) {
      throw new ProtocolError(
        `a frame of unknown type ${type}: the other side speaks something else`,
      );
    }
    const limit = type === FrameType.close ? MAX_CLOSE_BYTES : this.#maxFrameBytes;
    if (length > limit) {
      throw new ProtocolError(`a frame of ${length} bytes is over the limit of ${limit}`, {
        code: "FRAME_TOO_LARGE",
      });
    }
    this.#type = type;
    this.#wanted = length;
  }

  /** The bytes that are wanted, or undefined until they have come. */
  #take(): Buffer | undefined {
    if (this.#gathered > 0 || this.#unread < this.#wanted) return this.#gather();
    const taken = this.#chunk.subarray(this.#start, this.#start + this.#wanted);
    this.#advance(this.#wanted);
    return taken;
  }

  #gather(): Buffer | undefined {
    const count = Math.min(this.#unread, this.#wanted - this.#gathered);
    this.#makeRoom(this.#gathered + count);
    this.#chunk.copy(this.#pieces, this.#gathered, this.#start, this.#start + count);
    this.#advance(count);
    this.#gathered += count;
    if (this.#gathered < this.#wanted) return undefined;
    const whole = this.#pieces;
    this.#pieces = NOTHING;
    this.#gathered = 0;
    return whole;
  }

  /** A chunk that was read to its end is let go of: an idle link keeps none. */
  #advance(count: number): void {
    this.#start += count;
    if (this.#start < this.#chunk.length) return;
    this.#chunk = NOTHING;
    this.#start = 0;
  }

  /** Never more than is wanted, so that whole pieces fill their storage exactly. */
  #makeRoom(size: number): void {
    if (size <= this.#pieces.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.#wanted, 2 * size));
    this.#pieces.copy(larger, 0, 0, this.#gathered);
    this.#pieces = larger;
  }
}
