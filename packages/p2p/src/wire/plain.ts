import { ValidationError } from "@net/core";
import { MAX_DEPTH } from "./msgpack/format.ts";

/** One level is left for the list that it travels in. */
const MAX_LEVELS: number = MAX_DEPTH - 1;

type Place = readonly (string | number)[];

/**
 * A copy of the value as it travels: what JSON can say, plus `Uint8Array`s at any place, and undefined as the whole. Objects with
 * `toJSON` (dates, our errors) become what that gives, and properties that are undefined are left out. Bytes are not copied.
 *
 * @throws ValidationError naming the place of what cannot travel.
 */
export function plain(value: unknown): unknown {
  return copy(value, []);
}

function copy(original: unknown, trail: (string | number)[]): unknown {
  const value = asJson(original);
  if (value === undefined || value === null) return value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "number") throw cannotTravel(trail, `is ${value}`);
  if (typeof value !== "object") throw cannotTravel(trail, `is a ${typeof value}`);
  if (value instanceof Uint8Array) return value;
  if (trail.length >= MAX_LEVELS) throw cannotTravel(trail, "is nested too deep, or circular");
  return copyObject(value, trail);
}

function copyObject(value: object, trail: (string | number)[]): unknown {
  if (Array.isArray(value)) return Array.from(value, (item, i) => copyAt(i, item, trail) ?? null);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw cannotTravel(trail, `is a ${nameOf(value)}`);
  }
  const entries = Object.entries(value).flatMap(([key, item]) => {
    if (key === "__proto__") throw cannotTravel(trail, "has a key __proto__");
    const copied = copyAt(key, item, trail);
    return copied === undefined ? [] : [[key, copied] as const];
  });
  return Object.fromEntries(entries);
}

/** That of its class, if it has one. */
function nameOf(value: { readonly constructor?: unknown }): string {
  return typeof value.constructor === "function" ? value.constructor.name : "thing of no class";
}

function copyAt(step: string | number, value: unknown, trail: (string | number)[]): unknown {
  trail.push(step);
  const copied = copy(value, trail);
  trail.pop();
  return copied;
}

/** Dates, our errors and whatever else says how it looks in JSON. A Buffer says so too, but is a byte string; lists are not asked. */
function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array || Array.isArray(value)) return value;
  const { toJSON } = (value ?? {}) as { toJSON?: unknown };
  return typeof toJSON === "function" ? (toJSON.call(value) as unknown) : value;
}

function cannotTravel(place: Place, why: string): ValidationError {
  const where = place.length === 0 ? "the value" : `the value's ${place.join(".")}`;
  return new ValidationError(`${where} ${why}; what travels is JSON, and Uint8Arrays within it`, {
    issues: [{ message: why, path: [...place] }],
  });
}
