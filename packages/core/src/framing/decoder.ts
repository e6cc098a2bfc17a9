import { ProtocolError } from "../errors/kinds.ts";
import { FrameType, HEADER_BYTES, MAX_CLOSE_BYTES } from "./wire.ts";

export interface DecodedFrame {
  readonly type: number;
  readonly payload: Uint8Array;
}

/**
 * Cuts a byte stream into frames. Sizes are checked before anything is kept, so it never holds more than one
 * frame and one chunk. Payloads are views of the chunks where a frame lies in one.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #header: { readonly type: number; readonly length: number } | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** True inside a frame: the stream must not end here. */
  get inFrame(): boolean {
    return this.#length > 0 || this.#header !== undefined;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next whole frame, if there is one. @throws ProtocolError on an unknown type or an excessive length. */
  next(): DecodedFrame | undefined {
    this.#header ??= this.#readHeader();
    if (!this.#header || this.#length < this.#header.length) return undefined;
    const { type, length } = this.#header;
    this.#header = undefined;
    return { type, payload: this.#take(length) };
  }

  #readHeader(): { type: number; length: number } | undefined {
    if (this.#length < HEADER_BYTES) return undefined;
    const bytes = this.#take(HEADER_BYTES);
    const type = bytes[0] as number;
    const length = bytes.readUInt32BE(1);
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
    return { type, length };
  }

  #take(length: number): Buffer {
    this.#length -= length;
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    if (first.length === length) {
      this.#chunks.shift();
      return first;
    }
    return this.#gather(length);
  }

  #gather(length: number): Buffer {
    const target = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const chunk = this.#chunks[0] as Buffer;
      const part = Math.min(chunk.length, length - filled);
      chunk.copy(target, filled, 0, part);
      filled += part;
      if (part === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part);
    }
    return target;
  }
}
