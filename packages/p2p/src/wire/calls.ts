import {
  deserializeError,
  isRecord,
  type JsonObject,
  type NetworkError,
  ProtocolError,
  ValidationError,
} from "@net/core";
import * as fields from "./fields.ts";
import type { Frame, Header } from "./frame.ts";
import { decodePayload, encodePayload } from "./payload.ts";

// The frames that make up a call. Their bodies are payloads: arguments, a result, an error, or progress.

/** The most labels of a call's context. */
const MAX_LABELS = 16;
const MAX_TRACEPARENT_LENGTH = 128;

/** What travels with a call for those who watch it; the mesh does nothing with it. */
export interface ExecutionContext {
  /** W3C Trace Context. */
  readonly traceparent?: string | undefined;
  /** On whose behalf, as the application says; nothing proves it. */
  readonly caller?: string | undefined;
  /** At most 16, of at most 128 characters. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface RequestHeader {
  /** Unique among the calls of its origin. */
  readonly id: string;
  readonly tool: string;
  /** What is left until the caller gives up. */
  readonly deadlineMs?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly context: ExecutionContext;
}

/** How a call ended. */
export type ResponseHeader =
  | { readonly ok: true }
  /** `ran`: whether the tool was started. */
  | { readonly ok: false; readonly ran: boolean };

/** A relay could not pass on a frame of a call. */
export interface UndeliveredHeader {
  readonly id: string;
  /** Which frame it was. */
  readonly lost: "request" | "response";
}

/** @throws ValidationError if the tool's name, the key or the context could not be read at the other end. */
export function requestFields({ context, ...request }: RequestHeader): JsonObject {
  const header = withoutUndefined({ ...request, context: withoutUndefined({ ...context }) });
  try {
    readRequest(header);
    return header;
  } catch (error) {
    if (!ProtocolError.is(error)) throw error;
    throw new ValidationError(`this call cannot be sent: ${error.message}`, { cause: error });
  }
}

export function readRequest(header: Header): RequestHeader {
  return {
    id: readCallId(header),
    tool: fields.name(header, "tool"),
    deadlineMs: fields.optionalDuration(header, "deadlineMs"),
    idempotencyKey: fields.optionalName(header, "idempotencyKey"),
    context: readContext(fields.optionalRecord(header, "context") ?? {}),
  };
}

export function readResponse(header: Header): ResponseHeader {
  if (fields.flag(header, "ok")) return { ok: true };
  return { ok: false, ran: fields.flag(header, "ran") };
}

export function readUndelivered(header: Header): UndeliveredHeader {
  const { lost } = header;
  if (lost === "request" || lost === "response") return { id: readCallId(header), lost };
  throw fields.malformed("lost", "request or response");
}

/** Which call a frame belongs to. */
export function readCallId(header: Header): string {
  return fields.name(header, "id");
}

export function encodeError(error: NetworkError): Uint8Array {
  return encodePayload(error);
}

/** The error that a frame brought; nothing in it is trusted. */
export function decodeError({ body }: Frame): NetworkError {
  return deserializeError(decodePayload(body));
}

function readContext(context: Header): ExecutionContext {
  return {
    traceparent: fields.optionalText(context, "traceparent", MAX_TRACEPARENT_LENGTH),
    caller: fields.optionalName(context, "caller"),
    labels: readLabels(context.labels),
  };
}

function readLabels(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value) || Object.keys(value).length > MAX_LABELS) {
    throw fields.malformed("labels", `an object with at most ${MAX_LABELS} entries`);
  }
  const labels = Object.keys(value).map((key) => [key, fields.name(value, key)] as const);
  return Object.fromEntries(labels);
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): JsonObject {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as JsonObject;
}
