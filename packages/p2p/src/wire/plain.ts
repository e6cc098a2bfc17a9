import { ValidationError } from "@net/core";
import { MAX_DEPTH } from "./inspect.ts";

type Place = readonly (string | number)[];

/**
 * The value as it travels: what JSON can say, plus `Uint8Array`s at any place, and undefined as the whole. Objects with
 * `toJSON` (dates, our errors) become what that gives, and properties that are undefined are left out. What is plain
 * already comes back as it is, and must not change until it is packed.
 *
 * @throws ValidationError naming the place of what cannot travel.
 */
export function plain(value: unknown): unknown {
  if (isPlain(value, 0)) return value;
  return copy(value, []);
}

/** The common case, without a copy and without remembering where we are. */
function isPlain(value: unknown, depth: number): boolean {
  const type = typeof value;
  if (type === "string" || type === "boolean") return true;
  if (type === "number") return Number.isFinite(value);
  if (value === null) return true;
  if (typeof value === "object") return depth < MAX_DEPTH && isPlainObject(value, depth);
  return value === undefined && depth === 0;
}

function isPlainObject(value: object, depth: number): boolean {
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype) return isBytes(value);
  for (const key in value) {
    if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
    if (key === "__proto__") return false;
  }
  return typeof (value as { toJSON?: unknown }).toJSON !== "function";
}

/** Exactly what MessagePack's byte strings become again: a Buffer looks alike, any other view does not. */
function isBytes(value: object): value is Uint8Array {
  return value instanceof Uint8Array;
}

function copy(original: unknown, trail: (string | number)[]): unknown {
  const value = asJson(original);
  if (value === undefined || value === null) return value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "number") throw cannotTravel(trail, `is ${value}`);
  if (typeof value !== "object") throw cannotTravel(trail, `is a ${typeof value}`);
  if (trail.length >= MAX_DEPTH) throw cannotTravel(trail, "is nested too deep, or circular");
  if (isBytes(value)) return value;
  return copyObject(value, trail);
}

function copyObject(value: object, trail: (string | number)[]): unknown {
  if (Array.isArray(value)) return value.map((item, i) => copyAt(i, item, trail) ?? null);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw cannotTravel(trail, `is a ${value.constructor.name}`);
  }
  const entries = Object.entries(value).flatMap(([key, item]) => {
    if (key === "__proto__") throw cannotTravel(trail, "has a key __proto__");
    const copied = copyAt(key, item, trail);
    return copied === undefined ? [] : [[key, copied] as const];
  });
  return Object.fromEntries(entries);
}

function copyAt(step: string | number, value: unknown, trail: (string | number)[]): unknown {
  trail.push(step);
  const copied = copy(value, trail);
  trail.pop();
  return copied;
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
