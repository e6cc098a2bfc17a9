import { isRecord, type JsonObject, type JsonValue } from "../json.ts";
import { type ErrorCode, isErrorCode } from "./codes.ts";
import * as kinds from "./kinds.ts";
import { NetworkError, type NetworkErrorOptions } from "./network-error.ts";

/** A stranger's message is cut here; no error needs more to be understood. */
const MAX_MESSAGE_LENGTH = 4096;
/** Deeper details are dropped: nothing of ours nests further, and a stranger's nesting costs stack. */
const MAX_DETAILS_DEPTH = 6;
/** Entries per object or array of details that are kept. */
const MAX_DETAILS_ENTRIES = 64;
/** Longer names of details are dropped. */
const MAX_KEY_LENGTH = 256;
/** Values in all details together: 64 entries per level would still be 64⁶. */
const MAX_DETAILS_VALUES = 1024;

const UNSAID = "the other side failed without saying how";

interface Revived extends NetworkErrorOptions {
  readonly code: ErrorCode;
  readonly details: JsonObject;
}

/** How each class is made again. Only these: a name from the wire never chooses what is constructed. */
const revivers: ReadonlyMap<string, (message: string, revived: Revived) => NetworkError> = new Map<
  string,
  (message: string, revived: Revived) => NetworkError
>([
  ["ConnectionError", (m, r) => new kinds.ConnectionError(m, { ...r, phase: phase(r.details) })],
  ["NetworkTimeoutError", (m, r) => new kinds.NetworkTimeoutError(m, { ...r, ...timeout(r) })],
  ["AuthenticationError", (m, r) => new kinds.AuthenticationError(m, r)],
  ["PermissionError", (m, r) => new kinds.PermissionError(m, r)],
  ["RateLimitError", (m, r) => new kinds.RateLimitError(m, rateLimit(r))],
  ["ValidationError", (m, r) => new kinds.ValidationError(m, validation(r))],
  ["ProtocolError", (m, r) => new kinds.ProtocolError(m, protocol(r))],
  ["RemoteError", (m, r) => new kinds.RemoteError(m, remote(r))],
  ["CircuitOpenError", (m, r) => new kinds.CircuitOpenError(m, r)],
  ["OverloadedError", (m, r) => new kinds.OverloadedError(m, r)],
  ["ClosedError", (m, r) => new kinds.ClosedError(m, r)],
  ["AbortedError", (m, r) => new kinds.AbortedError(m, r)],
]);

/**
 * Makes an error again from what {@link NetworkError.toJSON} gave on another machine. Nothing in it is
 * trusted: only this family's classes are constructed, prototypes are never set, sizes and depths are
 * limited, and what has an unknown shape becomes a `RemoteError`.
 */
export function deserializeError(json: unknown): NetworkError {
  try {
    return isRecord(json) ? revive(json) : new kinds.RemoteError(UNSAID);
  } catch (cause) {
    // Only what no JSON can hold, such as a getter, throws while it is read.
    return new kinds.RemoteError(UNSAID, { cause });
  }
}

function revive(json: Readonly<Record<string, unknown>>): NetworkError {
  const message = text(json.message) || UNSAID;
  const name = text(json.name);
  const code = json.code;
  const cause = reviveCause(json.cause);
  const retryable = json.retryable;
  const options = {
    details: safeDetails(json.details),
    ...(cause && { cause }),
    ...(typeof retryable === "boolean" && { retryable }),
  };
  if (!isErrorCode(code)) return new kinds.RemoteError(message, { ...options, remoteName: name });
  const reviver = revivers.get(name);
  return reviver
    ? reviver(message, { ...options, code })
    : new NetworkError(code, message, options);
}

function reviveCause(value: unknown): Error | undefined {
  if (!isRecord(value)) return undefined;
  const cause = new Error(text(value.message));
  cause.name = text(value.name) || "Error";
  const code = text(value.code);
  return code ? Object.assign(cause, { code }) : cause;
}

const phases: readonly unknown[] = ["resolve", "connect", "tls", "handshake", "listen", "open"];

function phase(details: JsonObject): kinds.ConnectionPhase {
  const value = details.phase;
  return phases.includes(value) ? (value as kinds.ConnectionPhase) : "connect";
}

const timeoutKinds: readonly unknown[] = [
  "connect",
  "handshake",
  "headers",
  "idle",
  "attempt",
  "call",
];

function timeout({ code, details }: Revived): { kind: kinds.TimeoutKind; timeoutMs: number } {
  const kind = details.kind;
  const known = timeoutKinds.includes(kind) ? (kind as kinds.TimeoutKind) : "call";
  return {
    kind: code === "DEADLINE_EXCEEDED" ? "deadline" : known,
    timeoutMs: duration(details.timeoutMs) ?? 0,
  };
}

function rateLimit({ details, ...rest }: Revived): kinds.RateLimitErrorOptions {
  const { retryAfterMs: value, ...others } = details;
  const retryAfterMs = duration(value);
  return { ...rest, details: others, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function remote({ details, ...rest }: Revived): kinds.RemoteErrorOptions {
  const { remoteName, ...others } = details;
  return {
    ...rest,
    details: others,
    ...(remoteName !== undefined && { remoteName: text(remoteName) }),
  };
}

function validation({ code, details, ...rest }: Revived): kinds.ValidationErrorOptions {
  const issues = Array.isArray(details.issues) ? details.issues : [];
  return {
    ...rest,
    details,
    code: code === "FRAME_TOO_LARGE" ? code : "INVALID_ARGUMENT",
    issues: issues.filter(isRecord).map(reviveIssue),
  };
}

function protocol({ code, ...rest }: Revived): kinds.ProtocolErrorOptions {
  return { ...rest, code: code === "FRAME_TOO_LARGE" ? code : "PROTOCOL_ERROR" };
}

function reviveIssue(issue: Readonly<Record<string, unknown>>): kinds.ValidationIssue {
  const message = text(issue.message);
  const { path } = issue;
  if (!Array.isArray(path)) return { message };
  return { message, path: path.map((step) => (typeof step === "number" ? step : text(step))) };
}

function duration(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MAX_MESSAGE_LENGTH) : "";
}

function safeDetails(value: unknown): JsonObject {
  return isRecord(value) ? new DetailsCopy().object(value, MAX_DETAILS_DEPTH) : {};
}

/** Copies what JSON can say, until it is enough. */
class DetailsCopy {
  #left = MAX_DETAILS_VALUES;

  object(value: Readonly<Record<string, unknown>>, depth: number): JsonObject {
    const entries = Object.entries(value)
      .filter(([key]) => key !== "__proto__" && key.length <= MAX_KEY_LENGTH)
      .slice(0, MAX_DETAILS_ENTRIES)
      .map(([key, item]) => [key, this.#value(item, depth - 1)] as const);
    return Object.fromEntries(entries);
  }

  #value(value: unknown, depth: number): JsonValue {
    if (--this.#left < 0) return null;
    if (typeof value === "string") return text(value);
    if (typeof value === "number" || typeof value === "boolean") return value;
    if (depth <= 0 || typeof value !== "object" || value === null) return null;
    if (!Array.isArray(value))
      return this.object(value as Readonly<Record<string, unknown>>, depth);
    return value.slice(0, MAX_DETAILS_ENTRIES).map((item) => this.#value(item, depth - 1));
  }
}
