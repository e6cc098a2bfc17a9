import { ProtocolError } from "@net/core";

// MessagePack, https://github.com/msgpack/msgpack/blob/master/spec.md: what both directions know of it. The type of a value
// is its first byte; short values and lengths stand in that byte.

/** Deeper values are refused: nobody means to nest so far, and a stranger's nesting costs stack. */
export const MAX_DEPTH = 64;

/** The key that could change a prototype. */
export const PROTO = "__proto__";

export const Type = {
  shortMap: 0x80,
  shortArray: 0x90,
  shortText: 0xa0,
  nil: 0xc0,
  false: 0xc2,
  true: 0xc3,
  bytes8: 0xc4,
  bytes16: 0xc5,
  bytes32: 0xc6,
  float32: 0xca,
  float64: 0xcb,
  uint8: 0xcc,
  uint16: 0xcd,
  uint32: 0xce,
  uint64: 0xcf,
  int8: 0xd0,
  int16: 0xd1,
  int32: 0xd2,
  int64: 0xd3,
  text8: 0xd9,
  text16: 0xda,
  text32: 0xdb,
  array16: 0xdc,
  array32: 0xdd,
  map16: 0xde,
  map32: 0xdf,
  shortNegative: 0xe0,
} as const;

/** How many items stand in the type itself. */
export const SHORT_LIST = 16;
/** How many bytes of text do. */
export const SHORT_TEXT = 32;

export function malformed(what: string): ProtocolError {
  return new ProtocolError(`a message is malformed: it has ${what}`);
}
