import { isRecord, type JsonValue, ProtocolError, ValidationError } from "@net/core";
import { parseJson } from "./frame.ts";

// What users hand over (arguments, results, the data of messages) travels as JSON with its byte strings beside it:
//
//   bytes 0–3   length of the JSON, big-endian
//   then        { value, bytes: [[place, length], …] }: the value with null where a byte string belongs
//   then        the byte strings, in that order
//
// So bytes are neither escaped nor enlarged, and no user's value can be mistaken for one of ours.

/** Deeper values are refused: nobody means to nest so far, and a stranger's nesting costs stack. */
const MAX_DEPTH = 64;
/** The most byte strings of one value. */
const MAX_BYTE_STRINGS = 1_024;
const PREFIX_BYTES = 4;

type Place = readonly (string | number)[];
type Trail = (string | number)[];
type Slots = Record<string | number, unknown>;

interface ByteString {
  readonly place: Place;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

/**
 * Bytes for anything JSON can say, plus `Uint8Array`s at any place and undefined as the whole. Objects with `toJSON`
 * (dates, our errors) travel as what that gives.
 *
 * @throws ValidationError naming the place of what cannot travel.
 */
export function encodePayload(value: unknown): Uint8Array {
  const strings: ByteString[] = [];
  const json = strip(asJson(value), [], strings);
  if (strings.length > MAX_BYTE_STRINGS) {
    throw new ValidationError(`a value holds more than ${MAX_BYTE_STRINGS} byte strings`);
  }
  const places = strings.map(({ place, bytes }) => [place, bytes.length]);
  const head = encoder.encode(JSON.stringify({ value: json, bytes: places }));
  return join(head, strings);
}

/**
 * The value again. Its byte strings are views of `payload`.
 *
 * @throws ProtocolError if this is nothing that {@link encodePayload} wrote.
 */
export function decodePayload(payload: Uint8Array): unknown {
  const { head, tail } = split(payload);
  const parsed = parseJson(head, "a payload");
  if (!isRecord(parsed) || !Array.isArray(parsed.bytes)) throw malformed("its JSON");
  assertPlain(parsed.value, 0);
  return putBack(parsed.value, parsed.bytes, tail);
}

/** The value as JSON has it; byte strings are noted in `strings` and leave null behind. `trail` is where we are. */
function strip(value: unknown, trail: Trail, strings: ByteString[]): JsonValue | undefined {
  if (value === undefined || value === null) return value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "number") throw cannotTravel(trail, `is ${value}`);
  if (typeof value !== "object") throw cannotTravel(trail, `is a ${typeof value}`);
  if (trail.length >= MAX_DEPTH) throw cannotTravel(trail, "is nested too deep, or circular");
  if (value instanceof Uint8Array) {
    strings.push({ place: [...trail], bytes: value });
    return null;
  }
  return stripObject(value, trail, strings);
}

function stripObject(value: object, trail: Trail, strings: ByteString[]): JsonValue {
  if (Array.isArray(value)) {
    return value.map((item, index) => stripAt(index, item, trail, strings) ?? null);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw cannotTravel(trail, `is a ${value.constructor.name}`);
  }
  const entries = Object.entries(value).flatMap(([key, item]) => {
    if (key === "__proto__") throw cannotTravel(trail, "has a key __proto__");
    const json = stripAt(key, item, trail, strings);
    return json === undefined ? [] : [[key, json] as const];
  });
  return Object.fromEntries(entries);
}

function stripAt(
  step: string | number,
  value: unknown,
  trail: Trail,
  strings: ByteString[],
): JsonValue | undefined {
  trail.push(step);
  const json = strip(asJson(value), trail, strings);
  trail.pop();
  return json;
}

/** Dates, our errors and whatever else says how it looks in JSON. A Buffer says so too, but is a byte string. */
function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return value;
  const { toJSON } = (value ?? {}) as { toJSON?: unknown };
  return typeof toJSON === "function" ? (toJSON.call(value) as unknown) : value;
}

function cannotTravel(place: Place, why: string): ValidationError {
  const where = place.length === 0 ? "the value" : `the value's ${place.join(".")}`;
  return new ValidationError(`${where} ${why}; what travels is JSON, and Uint8Arrays within it`, {
    issues: [{ message: why, path: [...place] }],
  });
}

function join(head: Uint8Array, strings: readonly ByteString[]): Uint8Array {
  const size = strings.reduce((sum, { bytes }) => sum + bytes.length, PREFIX_BYTES + head.length);
  const payload = new Uint8Array(size);
  new DataView(payload.buffer).setUint32(0, head.length);
  payload.set(head, PREFIX_BYTES);
  let offset = PREFIX_BYTES + head.length;
  for (const { bytes } of strings) {
    payload.set(bytes, offset);
    offset += bytes.length;
  }
  return payload;
}

function split(payload: Uint8Array): { head: Uint8Array; tail: Uint8Array } {
  if (payload.length < PREFIX_BYTES) throw malformed("its length");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const end = PREFIX_BYTES + view.getUint32(0);
  if (end > payload.length) throw malformed("its length");
  return { head: payload.subarray(PREFIX_BYTES, end), tail: payload.subarray(end) };
}

/** Refuses what is nested too deep, and the one key that could change a prototype where objects are merged. */
function assertPlain(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_DEPTH) throw malformed("how deep it is nested");
  if (Object.hasOwn(value, "__proto__")) throw malformed("a key __proto__");
  for (const item of Object.values(value)) assertPlain(item, depth + 1);
}

function putBack(value: unknown, places: readonly unknown[], tail: Uint8Array): unknown {
  if (places.length > MAX_BYTE_STRINGS) throw malformed("the number of its byte strings");
  const root: Slots = { value };
  let offset = 0;
  for (const entry of places) {
    const { place, length } = readPlace(entry);
    const end = offset + length;
    if (end > tail.length) throw malformed("the length of a byte string");
    putAt(root, ["value", ...place], tail.subarray(offset, end));
    offset = end;
  }
  if (offset !== tail.length) throw malformed("bytes that belong nowhere");
  return root.value;
}

function readPlace(entry: unknown): { place: Place; length: number } {
  const [place, length] = Array.isArray(entry) ? (entry as unknown[]) : [];
  if (!Array.isArray(place) || !place.every(isStep)) throw malformed("the place of a byte string");
  if (!Number.isSafeInteger(length) || Number(length) < 0) {
    throw malformed("the length of a byte string");
  }
  return { place, length: Number(length) };
}

function isStep(step: unknown): step is string | number {
  return typeof step === "string" || typeof step === "number";
}

/** Only where the sender left a null, and only through what the value itself has. */
function putAt(root: Slots, place: Place, bytes: Uint8Array): void {
  let holder = root;
  for (const step of place.slice(0, -1)) {
    const next = Object.hasOwn(holder, step) ? holder[step] : undefined;
    if (typeof next !== "object" || next === null || next instanceof Uint8Array) {
      throw malformed("the place of a byte string");
    }
    holder = next as Slots;
  }
  const slot = place.at(-1) as string | number;
  if (!Object.hasOwn(holder, slot) || holder[slot] !== null) {
    throw malformed("the place of a byte string");
  }
  holder[slot] = bytes;
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(`a payload is malformed: ${what}`);
}
