import {
  deserializeError,
  isRecord,
  type JsonObject,
  type NetworkError,
  ProtocolError,
  ValidationError,
} from "@net/core";
import { assertName } from "../names.ts";
import { pack, packList, unpack } from "./codec.ts";
import * as fields from "./fields.ts";
import type { Header } from "./frame.ts";
import { plain } from "./plain.ts";

// What the two ends of a channel say to each other: MessagePack arrays that begin with what they are. Items after those
// named here are left for later versions.
//
//   request    [1, call, tool, options, args]   a value that is undefined is left out
//   cancel     [2, call]
//   progress   [3, call, value]
//   chunk      [4, call, value]
//   result     [5, call, value]
//   failure    [6, call, ran, error]
//   window     [7, call, limitBytes]            of the call's stream; nil: its chunks are not wanted
//   message    [8, type, data]
//   describe   [9, call]                        answered by a result: the tools

export const EndKind = {
  request: 1,
  cancel: 2,
  progress: 3,
  chunk: 4,
  result: 5,
  failure: 6,
  window: 7,
  message: 8,
  describe: 9,
} as const;
export type EndKind = (typeof EndKind)[keyof typeof EndKind];

/**
 * A message between ends, its kind and call looked at, the rest not. To be read by index: taking it apart as a pattern runs
 * an iterator, for every call.
 */
export type EndMessage = readonly [kind: EndKind, ...rest: unknown[]];

/** The most labels of a call's context. */
const MAX_LABELS = 16;
const MAX_TRACEPARENT_LENGTH = 128;
const LAST_KIND: number = Math.max(...Object.values(EndKind));

/** What travels with a call for those who watch it; the mesh does nothing with it. */
export interface ExecutionContext {
  /** W3C Trace Context. */
  readonly traceparent?: string | undefined;
  /** On whose behalf, as the application says; nothing proves it. */
  readonly caller?: string | undefined;
  /** At most 16, of at most 128 characters. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface RequestOptions {
  /** What is left until the caller gives up. */
  readonly deadlineMs?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly context: ExecutionContext;
}

export interface Request extends RequestOptions {
  readonly tool: string;
  readonly args: unknown;
}

const NOTHING: Header = {};

/** @throws ValidationError if the arguments cannot travel, or the other end could not read the rest. */
export function encodeRequest(call: number, request: Request): Uint8Array {
  const { tool, args, deadlineMs, idempotencyKey, context } = request;
  assertName(tool, "the tool's name");
  const options = optionsOf(deadlineMs, idempotencyKey, context);
  return packList([EndKind.request, call, tool, options], args);
}

/** @throws ProtocolError */
export function readRequest(message: EndMessage): Request {
  const header = message[3] ?? NOTHING;
  if (!isRecord(header)) throw fields.malformed("options", "a map");
  return {
    tool: fields.asName(message[2], "tool"),
    args: message[4],
    deadlineMs: fields.asOptionalDuration(header.deadlineMs, "deadlineMs"),
    idempotencyKey: fields.asOptionalName(header.key, "key"),
    context:
      header.context === undefined ? {} : readContext(fields.asRecord(header.context, "context")),
  };
}

export function encodeCancel(call: number): Uint8Array {
  return pack([EndKind.cancel, call]);
}

/** A value that belongs to a call. @throws ValidationError if it cannot travel. */
export function encodeValue(
  kind: typeof EndKind.progress | typeof EndKind.chunk | typeof EndKind.result,
  call: number,
  value: unknown,
): Uint8Array {
  return packList([kind, call], value);
}

/** @param ran whether the tool was started. */
export function encodeFailure(call: number, ran: boolean, error: NetworkError): Uint8Array {
  return packList([EndKind.failure, call, ran], error);
}

/** The error is made anew; nothing in it is trusted. @throws ProtocolError */
export function readFailure(message: EndMessage): {
  readonly ran: boolean;
  readonly error: NetworkError;
} {
  return { ran: fields.flag({ ran: message[2] }, "ran"), error: deserializeError(message[3]) };
}

/** @param limitBytes what of the stream may be sent since its beginning; undefined: nothing of it is wanted. */
export function encodeWindow(call: number, limitBytes: number | undefined): Uint8Array {
  return pack([EndKind.window, call, limitBytes ?? null]);
}

/** @throws ProtocolError */
export function readWindow(message: EndMessage): number | undefined {
  const limitBytes = message[2];
  return limitBytes === null ? undefined : fields.count({ limitBytes }, "limitBytes");
}

/** @throws ValidationError if the data cannot travel. */
export function encodeMessage(type: string, data: unknown): Uint8Array {
  return packList([EndKind.message, type], data);
}

/** @throws ProtocolError */
export function readMessage(message: EndMessage): { type: string; data: unknown } {
  return { type: fields.asName(message[1], "type"), data: message[2] };
}

export function encodeDescribe(call: number): Uint8Array {
  return pack([EndKind.describe, call]);
}

/** @throws ProtocolError unless it is a list that begins with a kind that we know. */
export function decodeEndMessage(bytes: Uint8Array): EndMessage {
  const message = unpack(bytes);
  if (!Array.isArray(message)) throw new ProtocolError("a message is no list");
  const kind: unknown = message[0];
  if (typeof kind === "number" && Number.isInteger(kind) && kind >= 1 && kind <= LAST_KIND) {
    return message as unknown as EndMessage;
  }
  throw new ProtocolError("a message is of no kind that is known");
}

/** Which call a message belongs to. @throws ProtocolError */
export function callOf(message: EndMessage): number {
  return fields.asCount(message[1], "call");
}

function optionsOf(
  deadlineMs: number | undefined,
  key: string | undefined,
  context: ExecutionContext,
): JsonObject {
  const options: Record<string, unknown> = {};
  if (deadlineMs !== undefined) options.deadlineMs = Math.ceil(deadlineMs);
  if (key !== undefined) options.key = key;
  if (hasAny(context)) options.context = plain({ ...context });
  if (key !== undefined || options.context !== undefined) assertReadable(options);
  return options as JsonObject;
}

/** What the other end would refuse is refused here, where it is still an argument. */
function assertReadable(options: Header): void {
  try {
    readRequest([EndKind.request, 0, "tool", options]);
  } catch (error) {
    if (!ProtocolError.is(error)) throw error;
    throw new ValidationError(`this call cannot be sent: ${error.message}`, { cause: error });
  }
}

function hasAny({ traceparent, caller, labels }: ExecutionContext): boolean {
  return traceparent !== undefined || caller !== undefined || labels !== undefined;
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
