import { type JsonValue, ValidationError } from "@net/core";
import { isShallow } from "./wire/decode.ts";
import { MAX_DEPTH } from "./wire/limits.ts";

/** A value as JSON text. @throws ValidationError unless it is JSON that is not too deep. */
export function textOf(value: JsonValue): string {
  const text: string | undefined = isShallow(value) ? JSON.stringify(value) : undefined;
  if (text !== undefined) return text;
  throw new ValidationError(`a body must be JSON, at most ${MAX_DEPTH} arrays or objects deep`);
}
