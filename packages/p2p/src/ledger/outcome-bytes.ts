import type { Outcome } from "../tools/outcome.ts";

/** What a number, a reference or an object's own bookkeeping takes, in bytes, near enough. */
const SLOT = 16;

/** About how much memory it takes to keep how a call ended, in bytes. */
export function outcomeBytes(outcome: Outcome): number {
  return bytesOf(outcome.ok ? outcome.value : outcome.error.toJSON());
}

/** Without recursion, so that no depth is too deep; what occurs twice counts once. */
function bytesOf(root: unknown): number {
  const seen = new Set<object>();
  const waiting: unknown[] = [root];
  let bytes = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    bytes += SLOT + ownBytes(value);
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const part of partsOf(value)) waiting.push(part);
  }
  return bytes;
}

function ownBytes(value: unknown): number {
  if (typeof value === "string") return 2 * value.length;
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? value.byteLength : 0;
}

function partsOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [];
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value].flat();
  return Object.entries(value).flat();
}
