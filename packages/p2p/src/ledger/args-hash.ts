import { createHash, type Hash } from "node:crypto";
import { isRecord, ValidationError } from "@net/core";

/** Deeper arguments travel nowhere; a circle is deeper than anything. */
const MAX_DEPTH = 128;

/**
 * A fingerprint of a call's arguments, the same for arguments that mean the same: neither the order of an object's keys
 * counts, nor a key whose value is undefined, nor the sign of zero. SHA-256 over tagged, length-prefixed parts, so that no two
 * different values look alike.
 *
 * @throws ValidationError for what cannot travel: a function, a symbol, a circle.
 */
export function hashArgs(args: unknown): string {
  const hash = createHash("sha256");
  feed(hash, args, 0);
  return hash.digest("base64url");
}

function feed(hash: Hash, value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw unhashable(`nested more than ${MAX_DEPTH} deep`);
  if (value instanceof Uint8Array) feedPart(hash, "bytes", value);
  else if (value instanceof Date) feedPart(hash, "date", String(value.getTime()));
  else if (Array.isArray(value)) feedList(hash, "list", value, depth);
  else if (value instanceof Map) feedList(hash, "map", [...value], depth);
  else if (value instanceof Set) feedList(hash, "set", [...value], depth);
  else if (isRecord(value)) feedRecord(hash, value, depth);
  else feedScalar(hash, value);
}

function feedScalar(hash: Hash, value: unknown): void {
  if (typeof value === "function" || typeof value === "symbol") throw unhashable(typeof value);
  // `-0` is written "0".
  feedPart(hash, value === null ? "null" : typeof value, String(value));
}

function feedList(hash: Hash, tag: string, list: readonly unknown[], depth: number): void {
  feedPart(hash, tag, String(list.length));
  for (const item of list) feed(hash, item, depth + 1);
}

function feedRecord(hash: Hash, record: Readonly<Record<string, unknown>>, depth: number): void {
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  feedPart(hash, "record", String(keys.length));
  for (const key of keys.sort()) {
    feedPart(hash, "key", key);
    feed(hash, record[key], depth + 1);
  }
}

function feedPart(hash: Hash, tag: string, part: string | Uint8Array): void {
  const bytes = typeof part === "string" ? Buffer.from(part) : part;
  hash.update(`${tag} ${bytes.byteLength}\n`).update(bytes);
}

function unhashable(what: string): ValidationError {
  return new ValidationError(`the arguments of a keyed call must be plain data, not ${what}`);
}
