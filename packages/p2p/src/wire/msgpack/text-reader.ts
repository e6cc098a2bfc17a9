import { constants } from "node:buffer";
import { malformed } from "./format.ts";

/**
 * So much is read at a time, of which short texts are slices: one call of Node's instead of one for each. Whoever keeps a
 * slice keeps so much.
 */
const WINDOW_BYTES = 1_024;
/** Longer texts are read on their own. */
const LONG_TEXT = 128;
/** Memory of this size is not held on to between messages. */
const LARGE_BYTES: number = 128 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/** Reads the texts of one message after the other, each from its beginning to its end. */
export class TextReader {
  /** All of the memory that the message is part of: the messages of a batch share it. */
  #memory: Buffer = NOTHING;
  #offset = 0;
  #end = 0;
  /** What stands in the message from there on, a character for each byte. */
  #window = "";
  #windowAt = 0;

  open({ buffer, byteOffset, byteLength }: Uint8Array): void {
    if (this.#memory.buffer !== buffer) this.#memory = Buffer.from(buffer as ArrayBuffer);
    this.#offset = byteOffset;
    this.#end = byteLength;
    // What is in the memory may have changed since.
    this.#window = "";
  }

  close(): void {
    if (this.#memory.byteLength > LARGE_BYTES) this.#memory = NOTHING;
  }

  /** UTF-8; what is none becomes U+FFFD. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > LONG_TEXT || !isAscii(bytes, start, end)) return this.#utf8(start, end);
    const from = this.#windowAt;
    if (start < from || end > from + this.#window.length) return this.#slide(start, end);
    return this.#window.slice(start - from, end - from);
  }

  #utf8(start: number, end: number): string {
    if (end - start > constants.MAX_STRING_LENGTH) throw malformed("a text too long for a string");
    return this.#memory.toString("utf8", this.#offset + start, this.#offset + end);
  }

  #slide(start: number, end: number): string {
    const windowEnd = Math.min(start + WINDOW_BYTES, this.#end);
    this.#window = this.#memory.toString("latin1", this.#offset + start, this.#offset + windowEnd);
    this.#windowAt = start;
    return this.#window.slice(0, end - start);
  }
}

/** Four at a time, which takes a third less. */
function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let all = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    all |= byte(bytes, at) | byte(bytes, at + 1) | byte(bytes, at + 2) | byte(bytes, at + 3);
  }
  for (; at < end; at++) all |= byte(bytes, at);
  return all < 0x80;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
