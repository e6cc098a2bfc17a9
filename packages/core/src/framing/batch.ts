import { FrameType, HEADER_BYTES, writeHeader } from "./wire.ts";

/** Frames up to this size are copied together; larger ones are written from where they lie. */
const COPY_LIMIT_BYTES = 8 * 1024;

/** To be written as it is. */
export interface Part {
  readonly bytes: Uint8Array;
  /** Called when it was written: whoever lent it has it back. */
  readonly onWritten?: (() => void) | undefined;
}

interface Collected {
  readonly frame: Uint8Array;
  onReturned: (() => void) | undefined;
}

/** Collects the frames of one tick, so that they leave in few writes. Between ticks it holds nothing. */
export class FrameBatch {
  #frames: Collected[] = [];
  #bytes = 0;
  /** What of these bytes is copied: headers and small frames. */
  #copiedBytes = 0;

  /** Bytes collected, headers included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a data frame. */
  add(frame: Uint8Array): void {
    this.#frames.push({ frame, onReturned: undefined });
    this.#bytes += HEADER_BYTES + frame.byteLength;
    this.#copiedBytes += HEADER_BYTES + (isCopied(frame) ? frame.byteLength : 0);
  }

  /** The frame that was added last is only lent. */
  lent(onReturned: () => void): void {
    const last = this.#frames.at(-1);
    if (last) last.onReturned = onReturned;
  }

  /** Everything collected, to be written in this order; the batch is empty again. What was copied is returned. */
  take(): readonly Part[] {
    const frames = this.#frames;
    const parts = frames.length > 0 ? layOut(frames, this.#copiedBytes) : [];
    this.clear();
    for (const { frame, onReturned } of frames) if (isCopied(frame)) onReturned?.();
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
function layOut(frames: readonly Collected[], copiedBytes: number): readonly Part[] {
  const block = Buffer.allocUnsafe(copiedBytes);
  const parts: Part[] = [];
  let start = 0;
  let end = 0;
  for (const { frame, onReturned } of frames) {
    writeHeader(block, end, FrameType.data, frame.byteLength);
    end += HEADER_BYTES;
    if (isCopied(frame)) {
      block.set(frame, end);
      end += frame.byteLength;
    } else {
      parts.push({ bytes: block.subarray(start, end) }, { bytes: frame, onWritten: onReturned });
      start = end;
    }
  }
  if (end > start) parts.push({ bytes: block.subarray(start, end) });
  return parts;
}
