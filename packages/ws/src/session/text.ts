import { type JsonValue, ValidationError } from "@net/core";
import { isShallow } from "./wire/decode.ts";
import { MAX_DEPTH } from "./wire/limits.ts";

/** A value as JSON text. @throws ValidationError unless it is JSON that is not too deep. */
export function textOf(value: JsonValue): string {
  const text = isShallow(value) ? stringified(value) : undefined;
  if (text !== undefined) return text;
  throw noJSON();
}

/** JavaScript has values that throw here: a `bigint`, and whatever a `toJSON` of somebody's throws. */
function stringified(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw noJSON(cause);
  }
}

function noJSON(cause?: unknown): ValidationError {
  const message = `a body must be JSON, at most ${MAX_DEPTH} arrays or objects deep`;
  return new ValidationError(message, { cause });
}
