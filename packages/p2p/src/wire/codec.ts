import { ValidationError } from "@net/core";
import { Decoder } from "./msgpack/decoder.ts";
import { Encoder } from "./msgpack/encoder.ts";
import { plain } from "./plain.ts";

// One of each for the whole process: the decoder calls nobody back, and the encoder bears it.
const encoder = new Encoder();
const decoder = new Decoder();

/**
 * A value as MessagePack: what JSON can say, and `Uint8Array`s at any place, and what {@link plain} makes of the rest. The bytes
 * are the caller's to keep, and to change.
 *
 * @throws ValidationError naming the place of what cannot travel.
 */
export function pack(value: unknown): Uint8Array {
  return encoder.encode(value) ?? packed(encoder.encode(plain(value)));
}

/**
 * The list of those items, which are plain, and of a value that an application gave: left out if it is undefined.
 *
 * @throws ValidationError naming the place in that value of what cannot travel.
 */
export function packList(items: readonly unknown[], value: unknown): Uint8Array {
  if (value === undefined) return pack(items);
  return encoder.encodeList(items, value) ?? packPlain(items, plain(value));
}

/**
 * The value again, byte strings in it being views of `bytes`.
 *
 * @throws ProtocolError unless it is exactly one value that {@link pack} may have made.
 */
export function unpack(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}

function packPlain(items: readonly unknown[], value: unknown): Uint8Array {
  if (value === undefined) return pack(items);
  // If it still is not plain, one of the items is to blame, whose place is then named.
  return encoder.encodeList(items, value) ?? pack([...items, value]);
}

function packed(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes) return bytes;
  throw new ValidationError("a value is not what it says, or changes while it is looked at");
}
