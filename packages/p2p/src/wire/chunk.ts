import { EndKind, encodeValue } from "./calls.ts";
import { pack } from "./codec.ts";
import { type MessageParts, whole } from "./parts.ts";

// MessagePack's byte strings, by how their length is written.
const BIN_8 = 0xc4;
const BIN_16 = 0xc5;
const BIN_32 = 0xc6;
/** A list of three items: the kind, the call, the value. */
const LIST_OF_3 = 0x93;

/** Encodes the chunks of one call's stream: of those that are bytes only what stands before them, and they stay where they are. */
export class ChunkEncoder {
  readonly #call: number;
  /** What all chunks of bytes begin with. */
  readonly #prefix: Uint8Array;

  constructor(call: number) {
    this.#call = call;
    this.#prefix = Uint8Array.from(pack([EndKind.chunk, call]));
    this.#prefix[0] = LIST_OF_3;
  }

  /** @throws ValidationError if it cannot travel. */
  encode(value: unknown): MessageParts {
    if (!(value instanceof Uint8Array)) return whole(encodeValue(EndKind.chunk, this.#call, value));
    return { head: this.#headOf(value.byteLength), body: value };
  }

  #headOf(bytes: number): Uint8Array {
    const length = lengthOf(bytes);
    const head = new Uint8Array(this.#prefix.byteLength + length.length);
    head.set(this.#prefix);
    head.set(length, this.#prefix.byteLength);
    return head;
  }
}

/** The type and the length of a byte string, as short as may be. */
function lengthOf(bytes: number): readonly number[] {
  if (bytes < 2 ** 8) return [BIN_8, bytes];
  if (bytes < 2 ** 16) return [BIN_16, bytes >>> 8, bytes];
  return [BIN_32, bytes >>> 24, bytes >>> 16, bytes >>> 8, bytes];
}
