import { Readable } from "node:stream";
import { AbortedError, isRecord, ValidationError } from "@net/core";
import { encodeMultipart } from "./multipart.ts";

/** A stream of bytes to send. A function is called anew for each try; anything else can be sent once. */
export type StreamBody =
  | AsyncIterable<Uint8Array | string>
  | ReadableStream<Uint8Array>
  | (() => AsyncIterable<Uint8Array | string>);

/** What may be sent as it is. */
export type RawBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | Blob
  | FormData
  | StreamBody;

/** A request's body, in one of its forms. */
export interface BodyOptions {
  /** A value, sent as JSON. */
  readonly json?: unknown;
  /** Fields, sent as `application/x-www-form-urlencoded`. */
  readonly form?: URLSearchParams | Readonly<Record<string, string | number | boolean>> | undefined;
  /** Fields and files, sent as `multipart/form-data`. */
  readonly multipart?: FormData | Readonly<Record<string, string | Blob>> | undefined;
  /** Text, bytes, a form, a `Blob`, or a stream. */
  readonly body?: RawBody | undefined;
}

/** A request's body as `post`, `put` and `patch` take it: as it is, or in one of its forms. */
export type RequestData = RawBody | BodyOptions;

/** A body ready for the wire. */
export interface Body {
  /** Bytes; or, for a stream, what opens it. */
  readonly content: string | Uint8Array | (() => Readable);
  /** The `content-type` if the caller names none. */
  readonly type?: string | undefined;
  /** In bytes, where a stream's is known. */
  readonly length?: number | undefined;
  /** It can be sent again. */
  readonly isReplayable: boolean;
}

const FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8";
const forms = ["json", "form", "multipart", "body"] as const;

/** @throws ValidationError if several are given, or one of them cannot be a body. */
export function encodeBody(data: RequestData | undefined, options: BodyOptions): Body | undefined {
  const own = formsOf(options);
  if (data === undefined) return own.length === 0 ? undefined : encodeForms(options, own);
  if (own.length > 0) throw new ValidationError(`give either data or ${own.join(", ")}, not both`);
  return isForms(data) ? encodeForms(data, formsOf(data)) : encodeRaw(data);
}

/** The body can be sent again; also true where there is none. @throws ValidationError as {@link encodeBody}. */
export function isReplayable(
  options: BodyOptions & { readonly data?: RequestData | undefined },
): boolean {
  return encodeBody(options.data, options)?.isReplayable !== false;
}

type Form = (typeof forms)[number];

function formsOf(options: BodyOptions): Form[] {
  return forms.filter((form) => options[form] !== undefined);
}

function isForms(data: RequestData): data is BodyOptions {
  return isPlain(data) && forms.some((form) => form in data);
}

function isPlain(data: unknown): data is Record<string, unknown> {
  if (!isRecord(data)) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}

function encodeForms(options: BodyOptions, named: readonly Form[]): Body {
  const [form = "json", ...more] = named;
  if (more.length > 0) throw new ValidationError(`give one body, not ${named.join(" and ")}`);
  if (form === "json")
    return { content: stringify(options.json), type: "application/json", isReplayable: true };
  if (form === "form") return encodeFields(options.form ?? {});
  if (form === "multipart") return encodeMultipart(formData(options.multipart ?? {}));
  return encodeRaw(options.body);
}

function encodeRaw(data: unknown): Body {
  if (typeof data === "string")
    return { content: data, type: "text/plain;charset=UTF-8", isReplayable: true };
  if (data instanceof Uint8Array) return { content: data, isReplayable: true };
  if (data instanceof ArrayBuffer) return { content: new Uint8Array(data), isReplayable: true };
  if (data instanceof URLSearchParams) return encodeFields(data);
  if (data instanceof FormData) return encodeMultipart(data);
  if (data instanceof Blob) return encodeBlob(data);
  if (typeof data === "function") return { content: () => opened(data()), isReplayable: true };
  if (isStream(data)) return { content: () => opened(data), isReplayable: false };
  throw new ValidationError(
    "a body must be a string, bytes, URLSearchParams, FormData, a Blob, a stream, or one of { json }, { form }, { multipart }, { body }",
  );
}

function encodeFields(fields: NonNullable<BodyOptions["form"]>): Body {
  if (!isRecord(fields))
    throw new ValidationError("form must be an object of fields, or URLSearchParams");
  const params =
    fields instanceof URLSearchParams
      ? fields
      : new URLSearchParams(
          Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
        );
  return { content: params.toString(), type: FORM_TYPE, isReplayable: true };
}

function encodeBlob(blob: Blob): Body {
  return {
    content: () => Readable.from(blob.stream(), { objectMode: false }),
    ...(blob.type !== "" && { type: blob.type }),
    length: blob.size,
    isReplayable: true,
  };
}

function formData(fields: NonNullable<BodyOptions["multipart"]>): FormData {
  if (fields instanceof FormData) return fields;
  if (!isRecord(fields))
    throw new ValidationError("multipart must be an object of fields, or FormData");
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.append(name, value);
    else form.append(name, value);
  }
  return form;
}

function isStream(data: unknown): data is AsyncIterable<Uint8Array | string> {
  return typeof data === "object" && data !== null && Symbol.asyncIterator in data;
}

/** @throws ValidationError if what a caller's function gave is no stream. */
function opened(source: unknown): Readable {
  if (!isStream(source)) throw new ValidationError("a body's function must give an async iterable");
  const body = Readable.from(told(source), { objectMode: false });
  // What was not begun to be read is not ended by the end of the reading.
  if (source instanceof Readable) body.once("close", () => source.destroy());
  return body;
}

/** What fails while a body is read is the caller's, and said to be. */
async function* told(
  source: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string, void, undefined> {
  try {
    yield* source;
  } catch (cause) {
    throw new AbortedError(`the request's body failed: ${String(cause)}`, { cause });
  }
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
