import { MAX_DEPTH, malformed, PROTO, Type } from "./format.ts";
import { isIndex, makeSparse } from "./index-keys.ts";
import { KeyCache } from "./key-cache.ts";
import { TextReader } from "./text-reader.ts";

/**
 * So many items of an array get room before they are there: while an array grows V8 gives it four times as much. Not more: a
 * stranger's arrays within arrays could all claim the same bytes.
 */
const MAX_ROOM = 64;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Reads MessagePack that a stranger wrote. Every length must fit what is there before anything is made for it; nesting has
 * an end; keys are text, and none of them the one that could change a prototype; and there are no extensions.
 */
export class Decoder {
  readonly #keys = new KeyCache();
  readonly #texts = new TextReader();
  readonly #float: DataView = new DataView(new ArrayBuffer(8));
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #end = 0;

  /** @returns the value; byte strings in it are views. @throws ProtocolError unless `bytes` is exactly one. */
  decode(bytes: Uint8Array): unknown {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.byteLength;
    this.#texts.open(bytes);
    try {
      const value = this.#value(0);
      if (this.#at === this.#end) return value;
      throw malformed(`${this.#end - this.#at} bytes too many`);
    } finally {
      this.#bytes = NOTHING;
      this.#texts.close();
    }
  }

  #value(depth: number): unknown {
    const type = this.#byte();
    if (type < Type.shortMap) return type;
    if (type < Type.shortArray) return this.#map(type - Type.shortMap, depth);
    if (type < Type.shortText) return this.#array(type - Type.shortArray, depth);
    if (type < Type.nil) return this.#text(type - Type.shortText);
    if (type >= Type.shortNegative) return type - 0x100;
    return this.#typed(type, depth);
  }

  #typed(type: number, depth: number): unknown {
    switch (type) {
      case Type.nil:
        return null;
      case Type.false:
        return false;
      case Type.true:
        return true;
      case Type.bytes8:
        return this.#view(this.#uint(1));
      case Type.bytes16:
        return this.#view(this.#uint(2));
      case Type.bytes32:
        return this.#view(this.#uint(4));
      case Type.text8:
        return this.#text(this.#uint(1));
      case Type.text16:
        return this.#text(this.#uint(2));
      case Type.text32:
        return this.#text(this.#uint(4));
      case Type.array16:
        return this.#array(this.#uint(2), depth);
      case Type.array32:
        return this.#array(this.#uint(4), depth);
      case Type.map16:
        return this.#map(this.#uint(2), depth);
      case Type.map32:
        return this.#map(this.#uint(4), depth);
      default:
        return this.#number(type);
    }
  }

  /** Integers of 64 bits are as exact as a number can be. */
  #number(type: number): number {
    switch (type) {
      case Type.float32:
        return this.#floating(4).getFloat32(0);
      case Type.float64:
        return this.#floating(8).getFloat64(0);
      case Type.uint8:
        return this.#uint(1);
      case Type.uint16:
        return this.#uint(2);
      case Type.uint32:
        return this.#uint(4);
      case Type.uint64:
        return this.#uint(4) * 2 ** 32 + this.#uint(4);
      case Type.int8:
        return (this.#uint(1) << 24) >> 24;
      case Type.int16:
        return (this.#uint(2) << 16) >> 16;
      case Type.int32:
        return this.#uint(4) | 0;
      case Type.int64:
        return (this.#uint(4) | 0) * 2 ** 32 + this.#uint(4);
      default:
        throw malformed(`a value of type 0x${type.toString(16)}`);
    }
  }

  #array(count: number, depth: number): unknown[] {
    this.#assertFits(count, depth);
    const items = new Array<unknown>(Math.min(count, MAX_ROOM));
    for (let i = 0; i < count; i++) items[i] = this.#value(depth + 1);
    return items;
  }

  #map(count: number, depth: number): Record<string, unknown> {
    this.#assertFits(2 * count, depth);
    const map: Record<string, unknown> = {};
    let isSparse = false;
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      if (!isSparse && isIndex(key)) {
        makeSparse(map);
        isSparse = true;
      }
      map[key] = this.#value(depth + 1);
    }
    return map;
  }

  #key(): string {
    const length = this.#keyLength();
    const start = this.#at;
    const end = this.#skip(length);
    const known = this.#keys.find(this.#bytes, start, length);
    if (known !== undefined) return known;
    const key = this.#texts.read(this.#bytes, start, end);
    if (key === PROTO) throw malformed(`a key ${PROTO}`);
    // One character for each byte: it is ASCII, or no UTF-8 at all, and then never found again.
    return key.length === length ? this.#keys.keep(key) : key;
  }

  #keyLength(): number {
    const type = this.#byte();
    if (type >= Type.shortText && type < Type.nil) return type - Type.shortText;
    if (type === Type.text8) return this.#uint(1);
    if (type === Type.text16) return this.#uint(2);
    if (type === Type.text32) return this.#uint(4);
    throw malformed("a key that is no text");
  }

  #text(length: number): string {
    const start = this.#at;
    return this.#texts.read(this.#bytes, start, this.#skip(length));
  }

  #view(length: number): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    const start = this.#at;
    this.#skip(length);
    return new Uint8Array(buffer, byteOffset + start, length);
  }

  #floating(size: number): DataView {
    const start = this.#at;
    this.#skip(size);
    for (let i = 0; i < size; i++) this.#float.setUint8(i, this.#bytes[start + i] as number);
    return this.#float;
  }

  #uint(size: number): number {
    const start = this.#at;
    this.#skip(size);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.#bytes[start + i] as number);
    return value;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw malformed("an end that comes too early");
    return this.#bytes[this.#at++] as number;
  }

  /** @returns where that ends. */
  #skip(length: number): number {
    const end = this.#at + length;
    if (end > this.#end) throw malformed("a length that does not fit");
    this.#at = end;
    return end;
  }

  /** Each item takes a byte at least. */
  #assertFits(items: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} levels of nesting`);
    if (items > this.#end - this.#at) throw malformed("a length that does not fit");
  }
}
