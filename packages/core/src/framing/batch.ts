import { FrameType, HEADER_BYTES, writeHeader } from "./wire.ts";

/** Frames up to this size are copied together; larger ones are written from where they lie. */
const COPY_LIMIT_BYTES = 8 * 1024;

/** Collects the frames of one tick, so that they leave in few writes. Between ticks it holds nothing. */
export class FrameBatch {
  #frames: Uint8Array[] = [];
  #bytes = 0;
  /** What of these bytes is copied: headers and small frames. */
  #copiedBytes = 0;

  /** Bytes collected, headers included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a data frame. */
  add(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += HEADER_BYTES + frame.byteLength;
    this.#copiedBytes += HEADER_BYTES + (isCopied(frame) ? frame.byteLength : 0);
  }

  /** Everything collected, to be written in this order; the batch is empty again. */
  take(): readonly Uint8Array[] {
    const parts = this.#frames.length > 0 ? layOut(this.#frames, this.#copiedBytes) : [];
    this.clear();
    return parts;
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
    this.#copiedBytes = 0;
  }
}

function isCopied(frame: Uint8Array): boolean {
  return frame.byteLength <= COPY_LIMIT_BYTES;
}

/** Headers and small frames in one block, cut where a large frame goes between. */
function layOut(frames: readonly Uint8Array[], copiedBytes: number): readonly Uint8Array[] {
  const block = Buffer.allocUnsafe(copiedBytes);
  const parts: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  for (const frame of frames) {
    writeHeader(block, end, FrameType.data, frame.byteLength);
    end += HEADER_BYTES;
    if (isCopied(frame)) {
      block.set(frame, end);
      end += frame.byteLength;
    } else {
      parts.push(block.subarray(start, end), frame);
      start = end;
    }
  }
  if (end > start) parts.push(block.subarray(start, end));
  return parts;
}
