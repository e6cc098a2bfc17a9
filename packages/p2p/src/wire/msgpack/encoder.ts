import { MAX_DEPTH, PROTO, SHORT_LIST, SHORT_TEXT, Type } from "./format.ts";

/** So much memory is asked for at a time, for all messages that fit in. */
const SLAB_BYTES: number = 16 * 1024;
/** With less left than this a message begins in a new slab. */
const MIN_LEFT_BYTES = 512;
/** Longer texts are written by Node: to hand one over takes as long as so many characters do here. */
const MAX_OWN_TEXT = 24;
/** The most bytes of UTF-8 that a UTF-16 unit becomes. */
const BYTES_PER_UNIT = 3;
/** The most that a type and a length take; a number. */
const HEADER_BYTES = 5;
const NUMBER_BYTES = 9;
const isOwn = Object.prototype.hasOwnProperty;

/**
 * Writes values as MessagePack, everything as short as can be. It writes only what is plain: what JSON can say, and `Uint8Array`s
 * at any place. Properties that are undefined are left out, items that are become nil.
 */
export class Encoder {
  #memory: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #view: DataView = viewOf(this.#memory);
  /** Where the message begins, and how far it has come. */
  #start = 0;
  #at = 0;
  #isWriting = false;

  /** @returns its bytes, which are the caller's; undefined if something in it is not plain. @throws what a getter in it does. */
  encode(value: unknown): Uint8Array | undefined {
    // By a getter of what is being written.
    if (this.#isWriting) return new Encoder().encode(value);
    this.#isWriting = true;
    try {
      this.#begin();
      return this.#value(value, 0) ? this.#end() : undefined;
    } finally {
      this.#isWriting = false;
    }
  }

  /** The list of those, and of one value more. @returns, and throws, what {@link Encoder.encode} does. */
  encodeList(items: readonly unknown[], last: unknown): Uint8Array | undefined {
    if (this.#isWriting) return new Encoder().encodeList(items, last);
    const { length } = items;
    this.#isWriting = true;
    try {
      this.#begin();
      this.#arrayHeader(length + 1);
      return this.#items(items, length, 0) && this.#value(last, 1) ? this.#end() : undefined;
    } finally {
      this.#isWriting = false;
    }
  }

  #begin(): void {
    this.#at = this.#start;
    const { byteLength } = this.#memory;
    // What a large message needed is its own: a small one must not keep it.
    if (byteLength > SLAB_BYTES || byteLength - this.#at < MIN_LEFT_BYTES) this.#renew(SLAB_BYTES);
  }

  #end(): Uint8Array {
    const bytes = new Uint8Array(this.#memory.buffer, this.#start, this.#at - this.#start);
    this.#start = this.#at;
    return bytes;
  }

  /** @returns whether it is plain. */
  #value(value: unknown, depth: number): boolean {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "object" && value !== null) return this.#object(value, depth);
    if (typeof value === "boolean") return this.#byte(value ? Type.true : Type.false);
    return (value === null || value === undefined) && this.#byte(Type.nil);
  }

  #object(value: object, depth: number): boolean {
    if (Array.isArray(value)) return this.#array(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#map(value, depth);
    // What only inherits from them, or stands before one, has no bytes to copy.
    return value instanceof Uint8Array && ArrayBuffer.isView(value) && this.#bytes(value);
  }

  #array(items: readonly unknown[], depth: number): boolean {
    if (depth >= MAX_DEPTH) return false;
    const { length } = items;
    // A proxy may say anything, and something else the next time.
    if (length >>> 0 !== length) return false;
    this.#arrayHeader(length);
    return this.#items(items, length, depth);
  }

  #arrayHeader(length: number): void {
    if (length < SHORT_LIST) this.#byte(Type.shortArray + length);
    else this.#header(Type.array16, length);
  }

  #items(items: readonly unknown[], length: number, depth: number): boolean {
    for (let i = 0; i < length; i++) if (!this.#value(items[i], depth + 1)) return false;
    return true;
  }

  /** How many properties there are is known at its end. */
  #map(value: object, depth: number): boolean {
    if (depth >= MAX_DEPTH || hasToJson(value)) return false;
    const header = this.#at - this.#start;
    this.#byte(Type.shortMap);
    let count = 0;
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      // To ask here costs nothing: V8 knows that it goes through this very object's keys.
      if (item === undefined || !isOwn.call(value, key)) continue;
      if (key === PROTO) return false;
      this.#text(key);
      if (!this.#value(item, depth + 1)) return false;
      count += 1;
    }
    if (count < SHORT_LIST) this.#memory[this.#start + header] = Type.shortMap + count;
    else this.#lengthen(this.#start + header, count);
    return true;
  }

  /** Makes room for the length of a map that is not a short one. */
  #lengthen(header: number, count: number): void {
    const more = count < 2 ** 16 ? 2 : 4;
    const before = header - this.#start;
    this.#reserve(more);
    const at = this.#start + before;
    const end = this.#at + more;
    this.#memory.copyWithin(at + 1 + more, at + 1, this.#at);
    this.#at = at;
    this.#header(Type.map16, count);
    this.#at = end;
  }

  #number(value: number): boolean {
    this.#reserve(NUMBER_BYTES);
    const isInt32 = (value | 0) === value && !Object.is(value, -0);
    if (isInt32 && value < 0) this.#negative(value);
    else if (isInt32 || (value >>> 0 === value && value > 0)) this.#unsigned(value);
    else this.#floating(value);
    return Number.isFinite(value);
  }

  #unsigned(value: number): void {
    const at = this.#at;
    if (value < 0x80) {
      this.#memory[this.#at++] = value;
    } else if (value < 0x100) {
      this.#header8(Type.uint8, value);
    } else if (value < 0x1_0000) {
      this.#memory[at] = Type.uint16;
      this.#view.setUint16(at + 1, value);
      this.#at = at + 3;
    } else {
      this.#memory[at] = Type.uint32;
      this.#view.setUint32(at + 1, value);
      this.#at = at + 5;
    }
  }

  #negative(value: number): void {
    const at = this.#at;
    if (value >= -0x20) {
      this.#memory[this.#at++] = value;
    } else if (value >= -0x80) {
      this.#header8(Type.int8, value);
    } else if (value >= -0x8000) {
      this.#memory[at] = Type.int16;
      this.#view.setInt16(at + 1, value);
      this.#at = at + 3;
    } else {
      this.#memory[at] = Type.int32;
      this.#view.setInt32(at + 1, value);
      this.#at = at + 5;
    }
  }

  #floating(value: number): void {
    this.#memory[this.#at] = Type.float64;
    this.#view.setFloat64(this.#at + 1, value);
    this.#at += NUMBER_BYTES;
  }

  #text(text: string): true {
    const { length } = text;
    if (length > MAX_OWN_TEXT) return this.#longText(text);
    this.#reserve(1 + length);
    const memory = this.#memory;
    const start = this.#at + 1;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return this.#longText(text);
      memory[start + i] = unit;
    }
    memory[start - 1] = Type.shortText + length;
    this.#at = start + length;
    return true;
  }

  /** How long its length is, is known once it is written: as long as for ASCII, nearly always. */
  #longText(text: string): true {
    const isLarge = text.length > SLAB_BYTES;
    const most = isLarge ? Buffer.byteLength(text) : BYTES_PER_UNIT * text.length;
    this.#reserve(HEADER_BYTES + most);
    const guess = this.#at + textHeaderBytes(text.length);
    const size = this.#memory.write(text, guess);
    const start = this.#at + textHeaderBytes(size);
    if (start !== guess) this.#memory.copyWithin(start, guess, guess + size);
    if (size < SHORT_TEXT) this.#memory[this.#at] = Type.shortText + size;
    else if (size < 0x100) this.#header8(Type.text8, size);
    else this.#header(Type.text16, size);
    this.#at = start + size;
    return true;
  }

  #bytes(bytes: Uint8Array): true {
    const size = bytes.byteLength;
    this.#reserve(HEADER_BYTES + size);
    if (size < 0x100) this.#header8(Type.bytes8, size);
    else this.#header(Type.bytes16, size);
    this.#memory.set(bytes, this.#at);
    this.#at += size;
    return true;
  }

  #byte(byte: number): true {
    this.#reserve(1);
    this.#memory[this.#at++] = byte;
    return true;
  }

  #header8(type: number, length: number): void {
    this.#memory[this.#at++] = type;
    this.#memory[this.#at++] = length;
  }

  /** @param type that of a length of 16 bits; the one for 32 is the next. */
  #header(type: number, length: number): void {
    this.#reserve(HEADER_BYTES);
    const at = this.#at;
    if (length < 0x1_0000) {
      this.#memory[at] = type;
      this.#view.setUint16(at + 1, length);
      this.#at = at + 3;
    } else {
      this.#memory[at] = type + 1;
      this.#view.setUint32(at + 1, length);
      this.#at = at + 5;
    }
  }

  /** Sees to it that so many bytes can be written. */
  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#memory.byteLength) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const written = this.#memory.subarray(this.#start, this.#at);
    this.#renew(Math.max(SLAB_BYTES, 2 * (written.byteLength + bytes)));
    this.#memory.set(written);
    this.#at = written.byteLength;
  }

  /** All of it or nothing, even at the end of the stack: a view of memory that others have would spoil what they have. */
  #renew(bytes: number): void {
    const memory = Buffer.allocUnsafeSlow(bytes);
    const view = viewOf(memory);
    this.#memory = memory;
    this.#view = view;
    this.#start = 0;
    this.#at = 0;
  }
}

/** It says itself how it looks, which takes a copy. */
function hasToJson(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function textHeaderBytes(size: number): number {
  if (size < SHORT_TEXT) return 1;
  if (size < 0x100) return 2;
  return size < 0x1_0000 ? 3 : HEADER_BYTES;
}
