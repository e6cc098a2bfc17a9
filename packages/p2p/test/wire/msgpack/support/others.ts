import { Packr } from "msgpackr";

// The other side: an implementation that is none of ours.

const options = { useRecords: false, int64AsType: "number" } as const;

/** As short as can be. */
const short = new Packr({ ...options, variableMapSize: true });
/** As it is written by those that do not count properties first. */
const long = new Packr(options);

/** The bytes, which are nobody else's. */
export function theirs(value: unknown): Uint8Array {
  return Uint8Array.from(short.pack(value));
}

/** The lengths of maps take two bytes at least. */
export function theirsAtLength(value: unknown): Uint8Array {
  return Uint8Array.from(long.pack(value));
}

/** What they read in ours. */
export function readByOthers(bytes: Uint8Array): unknown {
  return withoutBuffers(short.unpack(Buffer.from(bytes)));
}

/** Byte strings are Buffers there. */
function withoutBuffers(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(withoutBuffers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutBuffers(item)]),
  );
}
