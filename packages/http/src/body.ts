import { isRecord, ValidationError } from "@net/core";

/** A body ready for the wire; it can be sent again. */
export interface Body {
  readonly bytes: string | Uint8Array;
  /** The `content-type` if the caller names none. */
  readonly type: string | undefined;
}

/** @throws ValidationError if both are given, or one of them cannot be a body. */
export function encodeBody(data: unknown, json: unknown): Body | undefined {
  if (json === undefined) return data === undefined ? undefined : encodeData(data);
  if (data !== undefined) throw new ValidationError("give either data or json, not both");
  return encodeJson(json);
}

function encodeData(data: unknown): Body {
  if (typeof data === "string") return { bytes: data, type: "text/plain;charset=UTF-8" };
  if (data instanceof Uint8Array) return { bytes: data, type: undefined };
  if (data instanceof URLSearchParams) {
    return { bytes: data.toString(), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  if (isRecord(data) && "json" in data) return encodeJson(data.json);
  throw new ValidationError("data must be a string, bytes, URLSearchParams or { json: value }");
}

function encodeJson(value: unknown): Body {
  return { bytes: stringify(value), type: "application/json" };
}

function stringify(value: unknown): string {
  try {
    // Undefined for what JSON does not know, whatever the types say.
    const text: unknown = JSON.stringify(value);
    if (typeof text === "string") return text;
  } catch (cause) {
    throw new ValidationError(`json cannot be written as JSON: ${String(cause)}`, { cause });
  }
  throw new ValidationError(`json cannot be written as JSON: it is a ${typeof value}`);
}
