import { ProtocolError } from "@net/core";
import { Packr } from "msgpackr";
import { inspect } from "./inspect.ts";

// MessagePack without records: they would make a frame depend on those before it.
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  int64AsType: "number",
  encodeUndefinedAsNil: true,
});

/**
 * MessagePack of a plain value: what JSON can say, and `Uint8Array`s at any place; see plain.ts. The bytes are the
 * caller's to keep, and to change.
 */
export function pack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/**
 * The value again, after its sizes and depths were looked at. Byte strings in it are views of `bytes`.
 *
 * @throws ProtocolError unless it is exactly one value that {@link pack} may have made.
 */
export function unpack(bytes: Uint8Array): unknown {
  inspect(bytes);
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw new ProtocolError("a message is malformed", { cause });
  }
}
