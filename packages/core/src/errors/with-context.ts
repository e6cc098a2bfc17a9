import {
  AbortedError,
  AuthenticationError,
  ClosedError,
  ConnectionError,
  type ConnectionPhase,
  NetworkTimeoutError,
  PermissionError,
  ProtocolError,
  RateLimitError,
  type TimeoutKind,
  ValidationError,
} from "./kinds.ts";
import { NetworkError } from "./network-error.ts";
import { type ConnectionMeaning, lost, networkCalls } from "./system-codes.ts";

// Our errors, made from somebody else's: with it as cause, and in a sentence that says what was being done.

/** What was being done when the error came; it becomes the message: "cannot <doing> <address>: …". */
export interface ErrorContext {
  /** As in "cannot connect to …"; default `reach`. */
  readonly doing?: string | undefined;
  /** The other end. Credentials in it are taken out. */
  readonly address?: string | undefined;
  /** Where a failed connection failed, if the error itself does not tell. Default `connect`. */
  readonly phase?: ConnectionPhase | undefined;
  /** The limit that was set, for time-outs. */
  readonly timeoutMs?: number | undefined;
}

export function aborted(cause: Error): AbortedError {
  return new AbortedError(undefined, { cause });
}

export function upgradeRefused(status: number, cause: Error, context: ErrorContext): NetworkError {
  const message = sentence(context, `it answered with HTTP status ${status}`);
  const options = { cause, details: { status, ...addressOf(context) } };
  if (status === 401) return new AuthenticationError(message, options);
  if (status === 403) return new PermissionError(message, options);
  if (status === 429) return new RateLimitError(message, options);
  const retryable = status === 408 || status === 425 || status >= 500;
  return new ConnectionError(message, { ...options, phase: "handshake", retryable });
}

export function connectionError(
  meaning: ConnectionMeaning,
  cause: Error,
  context: ErrorContext,
): ConnectionError {
  const { code, text } = meaning;
  const otherwise = meaning === lost ? "open" : "connect";
  const phase = meaning.phase ?? networkCalls.get(syscallOf(cause)) ?? context.phase ?? otherwise;
  return new ConnectionError(sentence(context, text), {
    code,
    phase,
    cause,
    details: addressOf(context),
  });
}

export function tlsFailed(cause: Error, context: ErrorContext): ConnectionError {
  // OpenSSL's message holds addresses and file names of its build, its reason the sense.
  const { reason } = cause as { reason?: unknown };
  const text = `the TLS check failed: ${typeof reason === "string" ? reason : cause.message}`;
  return connectionError({ code: "TLS_FAILED", text, phase: "tls" }, cause, context);
}

export function timedOut(
  kind: TimeoutKind,
  cause: Error,
  context: ErrorContext,
): NetworkTimeoutError {
  const { timeoutMs = 0 } = context;
  const text = timeoutMs > 0 ? `no answer within ${timeoutMs} ms` : "it did not answer in time";
  const details = addressOf(context);
  return new NetworkTimeoutError(sentence(context, text), { kind, timeoutMs, cause, details });
}

export function badAnswer(
  cause: Error,
  context: ErrorContext,
  code: "PROTOCOL_ERROR" | "FRAME_TOO_LARGE" = "PROTOCOL_ERROR",
): ProtocolError {
  const message = sentence(context, `it broke the protocol: ${cause.message}`);
  return new ProtocolError(message, { code, cause, details: addressOf(context) });
}

export function closed(cause: Error, context: ErrorContext): ClosedError {
  const message = sentence(context, `closed here: ${cause.message}`);
  return new ClosedError(message, { cause, details: addressOf(context) });
}

export function invalid(cause: Error, context: ErrorContext): ValidationError {
  return new ValidationError(sentence(context, cause.message), {
    cause,
    details: addressOf(context),
  });
}

export function internal(text: string, cause: unknown, context: ErrorContext): NetworkError {
  const details = addressOf(context);
  return new NetworkError("INTERNAL", sentence(context, text), { cause, details });
}

function sentence({ doing = "reach", address }: ErrorContext, text: string): string {
  return address === undefined ? text : `cannot ${doing} ${address}: ${text}`;
}

function addressOf({ address }: ErrorContext): { readonly address?: string } {
  return address === undefined ? {} : { address };
}

export function syscallOf(error: Error): string {
  const { syscall } = error as { syscall?: unknown };
  return typeof syscall === "string" ? syscall : "";
}
