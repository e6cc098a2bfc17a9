import { ProtocolError } from "@net/core";

/** Deeper values are refused: nobody means to nest so far, and a stranger's nesting costs stack. */
export const MAX_DEPTH = 64;

const PROTO = "__proto__";

/**
 * Looks through MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) before it is decoded: every length
 * must fit what is there, so that none makes the decoder reserve memory; nesting has an end; keys are text, and none of
 * them the one that could change a prototype; and there are no extensions.
 *
 * @throws ProtocolError unless `bytes` is exactly one such value.
 */
export function inspect(bytes: Uint8Array): void {
  const { byteLength } = bytes;
  const end = new Inspector(bytes).value(0, 0);
  if (end !== byteLength) throw malformed(`${byteLength - end} bytes too many`);
}

class Inspector {
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.byteLength;
  }

  /** @returns where the value at `at` ends. */
  value(at: number, depth: number): number {
    const byte = this.#byte(at);
    if (byte < 0x80 || byte >= 0xe0) return at + 1;
    if (byte < 0x90) return this.#map(at + 1, byte & 0x0f, depth);
    if (byte < 0xa0) return this.#array(at + 1, byte & 0x0f, depth);
    if (byte < 0xc0) return this.#skip(at + 1, byte & 0x1f);
    return this.#typed(byte, at + 1, depth);
  }

  #typed(byte: number, at: number, depth: number): number {
    switch (byte) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return at;
      case 0xc4: // bin 8
      case 0xd9: // str 8
        return this.#skip(at + 1, this.#number(at, 1));
      case 0xc5: // bin 16
      case 0xda: // str 16
        return this.#skip(at + 2, this.#number(at, 2));
      case 0xc6: // bin 32
      case 0xdb: // str 32
        return this.#skip(at + 4, this.#number(at, 4));
      case 0xcc: // uint 8
      case 0xd0: // int 8
        return this.#skip(at, 1);
      case 0xcd: // uint 16
      case 0xd1: // int 16
        return this.#skip(at, 2);
      case 0xca: // float 32
      case 0xce: // uint 32
      case 0xd2: // int 32
        return this.#skip(at, 4);
      case 0xcb: // float 64
      case 0xcf: // uint 64
      case 0xd3: // int 64
        return this.#skip(at, 8);
      case 0xdc: // array 16
        return this.#array(at + 2, this.#number(at, 2), depth);
      case 0xdd: // array 32
        return this.#array(at + 4, this.#number(at, 4), depth);
      case 0xde: // map 16
        return this.#map(at + 2, this.#number(at, 2), depth);
      case 0xdf: // map 32
        return this.#map(at + 4, this.#number(at, 4), depth);
      default:
        throw malformed(`a value of type 0x${byte.toString(16)}`);
    }
  }

  #array(start: number, count: number, depth: number): number {
    this.#assertFits(start, count, depth);
    let at = start;
    for (let i = 0; i < count; i++) at = this.value(at, depth + 1);
    return at;
  }

  #map(start: number, count: number, depth: number): number {
    this.#assertFits(start, 2 * count, depth);
    let at = start;
    for (let i = 0; i < count; i++) at = this.value(this.#key(at), depth + 1);
    return at;
  }

  #key(at: number): number {
    const byte = this.#byte(at);
    const isText = (byte >= 0xa0 && byte < 0xc0) || (byte >= 0xd9 && byte <= 0xdb);
    if (!isText) throw malformed("a key that is no text");
    const end = this.value(at, 0);
    // However its length is written, the text is at the end of it.
    if (end - at > PROTO.length && this.#isProto(end)) throw malformed(`a key ${PROTO}`);
    return end;
  }

  /** Whether the key that ends here is the forbidden one, or one that ends like it: nobody means that either. */
  #isProto(end: number): boolean {
    for (let i = 0; i < PROTO.length; i++) {
      if (this.#bytes[end - PROTO.length + i] !== PROTO.charCodeAt(i)) return false;
    }
    return true;
  }

  /** Each item takes a byte at least. */
  #assertFits(at: number, items: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} levels of nesting`);
    if (items > this.#end - at) throw malformed("a length that does not fit");
  }

  #skip(at: number, bytes: number): number {
    const end = at + bytes;
    if (end > this.#end) throw malformed("a length that does not fit");
    return end;
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw malformed("an end that comes too early");
    return byte;
  }

  #number(at: number, bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + this.#byte(at + i);
    return value;
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(`a message is malformed: it has ${what}`);
}
