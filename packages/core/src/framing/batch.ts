import { FrameType, HEADER_BYTES, writeHeader } from "./wire.ts";

/** Frames up to this size are copied together; larger ones are written from where they lie. */
const COPY_LIMIT_BYTES = 8 * 1024;

/** To be written as it is. */
export interface Part {
  readonly bytes: Uint8Array;
  /** Those who lent what is in it: called when it was written. */
  readonly lenders: readonly (() => void)[];
}

/** A frame that is only lent. */
interface Loan {
  /** Which frame of the batch. */
  readonly index: number;
  readonly onReturned: () => void;
}

/** Collects the frames of one tick, so that they leave in few writes. Between ticks it holds nothing. */
export class FrameBatch {
  #frames: Uint8Array[] = [];
  /** In the order of the frames. */
  #loans: Loan[] = [];
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

  /** The frame that was added last is only lent. */
  lent(onReturned: () => void): void {
    this.#loans.push({ index: this.#frames.length - 1, onReturned });
  }

  /** Everything collected, to be written in this order; the batch is empty again. */
  take(): readonly Part[] {
    if (this.#frames.length === 0) return [];
    const parts = layOut(this.#frames, this.#copiedBytes, this.#loans);
    this.clear();
    return parts;
  }

  clear(): void {
    this.#frames = [];
    this.#loans = [];
    this.#bytes = 0;
    this.#copiedBytes = 0;
  }
}

function isCopied(frame: Uint8Array): boolean {
  return frame.byteLength <= COPY_LIMIT_BYTES;
}

/** Headers and small frames in one block, cut where a large frame goes between. */
function layOut(
  frames: readonly Uint8Array[],
  copiedBytes: number,
  loans: readonly Loan[],
): readonly Part[] {
  const block = Buffer.allocUnsafe(copiedBytes);
  const parts: Part[] = [];
  const lendersUpTo = lenders(loans);
  let start = 0;
  let end = 0;
  for (const [index, frame] of frames.entries()) {
    writeHeader(block, end, FrameType.data, frame.byteLength);
    end += HEADER_BYTES;
    if (isCopied(frame)) {
      block.set(frame, end);
      end += frame.byteLength;
    } else {
      parts.push({ bytes: block.subarray(start, end), lenders: lendersUpTo(index) });
      parts.push({ bytes: frame, lenders: lendersUpTo(index + 1) });
      start = end;
    }
  }
  if (end > start) {
    parts.push({ bytes: block.subarray(start, end), lenders: lendersUpTo(frames.length) });
  }
  return parts;
}

/** Gives the lenders of the frames before that one, which it has not given yet. */
function lenders(loans: readonly Loan[]): (before: number) => readonly (() => void)[] {
  let given = 0;
  return (before) => {
    const first = given;
    while ((loans[given]?.index ?? before) < before) given += 1;
    return loans.slice(first, given).map(({ onReturned }) => onReturned);
  };
}
