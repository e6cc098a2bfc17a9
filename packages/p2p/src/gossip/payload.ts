import { plain } from "../wire/plain.ts";
import type { Codec } from "./neighbour.ts";
import { readList } from "./read.ts";

// What applications send is a list of one value, or of none for undefined, which travels nowhere else.

/** @throws ValidationError naming the place of what cannot travel. */
export function encodePayload({ encode }: Codec, data: unknown): Uint8Array {
  const value = plain(data);
  return encode(value === undefined ? [] : [value]);
}

/** @throws ProtocolError if it is none. */
export function decodePayload({ decode }: Codec, payload: Uint8Array): unknown {
  return readList(decode(payload), 1, "a payload")[0];
}
