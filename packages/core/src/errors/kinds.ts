import type { JsonObject } from "../json.ts";
import type { ErrorCode } from "./codes.ts";
import { NetworkError, type NetworkErrorOptions } from "./network-error.ts";

// The subclasses exist only where a caller would catch one. Their fields live in `details`, so that they
// survive the wire like everything else there.

type Fields = Readonly<Record<string, unknown>>;

/** Merges a subclass's fields into the options' `details`. */
function withDetails(options: NetworkErrorOptions, fields: Fields): NetworkErrorOptions {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    ...options,
    details: { ...options.details, ...(Object.fromEntries(present) as JsonObject) },
  };
}

/** Where on the way to an open connection it failed. */
export type ConnectionPhase = "resolve" | "connect" | "tls" | "handshake" | "listen" | "open";

export interface ConnectionErrorOptions extends NetworkErrorOptions {
  /** Default `CONNECTION_FAILED`. */
  readonly code?: ErrorCode;
  /** Default `connect`. */
  readonly phase?: ConnectionPhase;
}

/** No connection could be made, or an open one died; {@link ConnectionError.phase} says where. */
export class ConnectionError extends NetworkError {
  static override readonly kind: string = "ConnectionError";

  constructor(message: string, options: ConnectionErrorOptions = {}) {
    const { code = "CONNECTION_FAILED", phase = "connect", ...rest } = options;
    super(code, message, withDetails(rest, { phase }));
  }

  get phase(): ConnectionPhase {
    return this.details.phase as ConnectionPhase;
  }
}

/** What took too long: one phase, or (`deadline`) the whole call. */
export type TimeoutKind =
  | "connect"
  | "handshake"
  | "headers"
  | "idle"
  | "attempt"
  | "call"
  | "deadline";

export interface NetworkTimeoutErrorOptions extends NetworkErrorOptions {
  readonly kind: TimeoutKind;
  /** The limit that was passed. */
  readonly timeoutMs: number;
}

/** A limit of time was passed. Code `TIMEOUT`, or `DEADLINE_EXCEEDED` where the kind is `deadline`. */
export class NetworkTimeoutError extends NetworkError {
  static override readonly kind: string = "NetworkTimeoutError";

  constructor(message: string, options: NetworkTimeoutErrorOptions) {
    const { kind, timeoutMs, ...rest } = options;
    const code = kind === "deadline" ? "DEADLINE_EXCEEDED" : "TIMEOUT";
    super(code, message, withDetails(rest, { kind, timeoutMs }));
  }

  get kind(): TimeoutKind {
    return this.details.kind as TimeoutKind;
  }

  get timeoutMs(): number {
    return this.details.timeoutMs as number;
  }
}

/** The other side did not accept who we say we are. */
export class AuthenticationError extends NetworkError {
  static override readonly kind: string = "AuthenticationError";

  constructor(message: string, options: NetworkErrorOptions = {}) {
    super("AUTHENTICATION_FAILED", message, options);
  }
}

/** Known, but not allowed. */
export class PermissionError extends NetworkError {
  static override readonly kind: string = "PermissionError";

  constructor(message: string, options: NetworkErrorOptions = {}) {
    super("PERMISSION_DENIED", message, options);
  }
}

export interface RateLimitErrorOptions extends NetworkErrorOptions {
  /** How long the other side asks to wait. */
  readonly retryAfterMs?: number;
}

/** Too many requests. */
export class RateLimitError extends NetworkError {
  static override readonly kind: string = "RateLimitError";

  constructor(message: string, options: RateLimitErrorOptions = {}) {
    const { retryAfterMs, ...rest } = options;
    super("RATE_LIMITED", message, withDetails(rest, { retryAfterMs }));
  }

  /** How long the other side asks to wait; undefined if it did not say. */
  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs as number | undefined;
  }
}

/** One thing wrong with an input. */
export interface ValidationIssue {
  readonly message: string;
  /** Where, from the root of the input. */
  readonly path?: readonly (string | number)[];
}

export interface ValidationErrorOptions extends NetworkErrorOptions {
  /** Default `INVALID_ARGUMENT`. */
  readonly code?: "INVALID_ARGUMENT" | "FRAME_TOO_LARGE";
  readonly issues?: readonly ValidationIssue[];
}

/** An argument, option or message is not what it must be; each issue says what and where. */
export class ValidationError extends NetworkError {
  static override readonly kind: string = "ValidationError";

  constructor(message: string, options: ValidationErrorOptions = {}) {
    const { code = "INVALID_ARGUMENT", issues = [], ...rest } = options;
    super(code, message, withDetails(rest, { issues }));
  }

  get issues(): readonly ValidationIssue[] {
    return this.details.issues as unknown as readonly ValidationIssue[];
  }
}

export interface ProtocolErrorOptions extends NetworkErrorOptions {
  /** Default `PROTOCOL_ERROR`. */
  readonly code?: "PROTOCOL_ERROR" | "FRAME_TOO_LARGE";
}

/** The other side sent what the protocol does not allow. */
export class ProtocolError extends NetworkError {
  static override readonly kind: string = "ProtocolError";

  constructor(message: string, options: ProtocolErrorOptions = {}) {
    const { code = "PROTOCOL_ERROR", ...rest } = options;
    super(code, message, rest);
  }
}

export interface RemoteErrorOptions extends NetworkErrorOptions {
  /** The name of the error there, when it was none of this family. */
  readonly remoteName?: string;
}

/** The other side ran it and reported a failure of its own. */
export class RemoteError extends NetworkError {
  static override readonly kind: string = "RemoteError";

  constructor(message: string, options: RemoteErrorOptions = {}) {
    const { remoteName, ...rest } = options;
    super("REMOTE_ERROR", message, withDetails(rest, { remoteName }));
  }

  get remoteName(): string | undefined {
    return this.details.remoteName as string | undefined;
  }
}

/** The circuit breaker is open: recent calls failed, this one was not tried. */
export class CircuitOpenError extends NetworkError {
  static override readonly kind: string = "CircuitOpenError";

  constructor(message: string, options: NetworkErrorOptions = {}) {
    super("CIRCUIT_OPEN", message, options);
  }
}

/** A queue, buffer or limit is full; nothing was sent. */
export class OverloadedError extends NetworkError {
  static override readonly kind: string = "OverloadedError";

  constructor(message: string, options: NetworkErrorOptions = {}) {
    super("OVERLOADED", message, options);
  }
}

/** The link, client or server was closed before or during the call. */
export class ClosedError extends NetworkError {
  static override readonly kind: string = "ClosedError";

  constructor(message: string, options: NetworkErrorOptions = {}) {
    super("CLOSED", message, options);
  }
}

/** The caller's signal aborted; `cause` is the signal's reason. */
export class AbortedError extends NetworkError {
  static override readonly kind: string = "AbortedError";

  constructor(message = "aborted by the caller's signal", options: NetworkErrorOptions = {}) {
    super("ABORTED", message, options);
  }
}
