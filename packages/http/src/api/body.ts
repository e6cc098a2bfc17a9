import { isRecord, ValidationError } from "@net/core";
import type { OperationDescription, ParameterForm, ParameterForms } from "./description.ts";
import type { ApiRequestOptions } from "./http.ts";
import { isFieldsType, isJsonType, isMultipartType } from "./media-type.ts";
import { formatFields } from "./query.ts";
import { isAbsent, scalar } from "./style.ts";

/** A body as the HTTP client takes it, and its media type where that does not follow from it. */
export interface ApiBody {
  readonly type?: string;
  readonly options: Pick<ApiRequestOptions, "json" | "body">;
}

const JSON_TYPE = "application/json";

/**
 * Writes a request's body in its media type.
 *
 * @param type as the caller named it; else JSON where the operation takes it, else its only media type.
 * @throws ValidationError if the media type must be named, or the value is none of it.
 */
export function encodeApiBody(
  value: unknown,
  type: string | undefined,
  operation: Pick<OperationDescription, "body" | "encoding"> = {},
): ApiBody | undefined {
  if (value === undefined) return undefined;
  const chosen = type ?? usualType(operation.body);
  const forms = operation.encoding?.[chosen] ?? {};
  if (isJsonType(chosen)) return jsonBody(value, chosen);
  if (isFieldsType(chosen)) return fieldsBody(value, chosen, forms);
  if (isMultipartType(chosen)) return multipartBody(value, chosen, forms);
  return rawBody(value, chosen);
}

function usualType(types: readonly string[] = [JSON_TYPE]): string {
  if (types.includes(JSON_TYPE)) return JSON_TYPE;
  const [only] = types;
  if (types.length === 1 && only !== undefined) return only;
  throw new ValidationError(`the body may be ${types.join(", ")}: name one with contentType`);
}

function jsonBody(value: unknown, type: string): ApiBody {
  const usual = type === JSON_TYPE || type === "*/*";
  return { ...(!usual && { type }), options: { json: value } };
}

function fieldsBody(value: unknown, type: string, forms: ParameterForms): ApiBody {
  if (value instanceof URLSearchParams) return { options: { body: value } };
  return { options: { body: formatFields(fieldsOf(value, type), forms) } };
}

function multipartBody(value: unknown, type: string, forms: ParameterForms): ApiBody {
  if (value instanceof FormData) return { options: { body: value } };
  if (!/^multipart\/form-data/i.test(type)) return rawBody(value, type);
  const data = new FormData();
  for (const [name, field] of Object.entries(fieldsOf(value, type))) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    // A list is as many parts of one name (OpenAPI 3.1 §4.8.14.4).
    for (const item of Array.isArray(field) ? field : [field]) appendPart(data, name, item, form);
  }
  return { options: { body: data } };
}

/** Bytes are a file; objects, and what the description says to be, go as their media type; the rest is text. */
function appendPart(data: FormData, name: string, value: unknown, form: ParameterForm = {}): void {
  if (isAbsent(value)) return;
  const type = oneType(form.contentType);
  if (value instanceof File) data.append(name, value);
  else if (value instanceof Blob) data.append(name, value, name);
  else if (value instanceof Uint8Array) data.append(name, blobOf(value.slice(), type), name);
  else if (isRecord(value) && !(value instanceof Date)) {
    data.append(name, blobOf(JSON.stringify(value), type || JSON_TYPE), "");
  } else if (type) data.append(name, blobOf(scalar(value, `the field ${name}`), type), "");
  else data.append(name, scalar(value, `the field ${name}`));
}

/** The first of the media types that an encoding names; empty for none, and for wildcards. */
function oneType(types = ""): string {
  const [first = ""] = types.split(",", 1);
  return first.includes("*") ? "" : first.trim();
}

function blobOf(content: string | Uint8Array<ArrayBuffer>, type: string): Blob {
  return new Blob([content], { type });
}

function fieldsOf(value: unknown, type: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new ValidationError(`a body of ${type} must be an object of fields`);
}

function rawBody(value: unknown, type: string): ApiBody {
  const isRaw =
    typeof value === "string" ||
    value instanceof Uint8Array ||
    value instanceof Blob ||
    value instanceof FormData;
  if (isRaw) return { ...(!/\*/.test(type) && { type }), options: { body: value } };
  throw new ValidationError(`a body of ${type} must be a string, bytes or a Blob`);
}
