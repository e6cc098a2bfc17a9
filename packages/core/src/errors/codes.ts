/**
 * Why a network operation failed: every code of every `@net` package, in one closed list.
 * Match on these; messages are for people and may change.
 */
export type ErrorCode =
  // The caller ended it.
  /** The caller's `AbortSignal` aborted; the signal's reason is the `cause`. */
  | "ABORTED"
  /** The link, client or server was closed before or during the call. */
  | "CLOSED"

  // Time ran out.
  /** One phase (connect, idle, …) took longer than allowed. */
  | "TIMEOUT"
  /** The whole call passed its deadline. */
  | "DEADLINE_EXCEEDED"

  // No connection.
  /** The other side answered that nobody listens there. */
  | "CONNECTION_REFUSED"
  /** An open connection died. */
  | "CONNECTION_LOST"
  /** No way to the host or network. */
  | "UNREACHABLE"
  /** The host name does not resolve. */
  | "NAME_NOT_FOUND"
  /** The TLS handshake or the certificate check failed. */
  | "TLS_FAILED"
  /** Somebody else listens on this address. */
  | "ADDRESS_IN_USE"
  /** This machine does not have, or may not use, this address. */
  | "ADDRESS_UNAVAILABLE"
  /** The connection failed for a reason that has no code of its own; see `cause`. */
  | "CONNECTION_FAILED"

  // Refused.
  /** The other side did not accept who we say we are. */
  | "AUTHENTICATION_FAILED"
  /** Known, but not allowed. */
  | "PERMISSION_DENIED"
  /** The guard over outgoing requests does not let them go to this address; nothing was sent. */
  | "ADDRESS_BLOCKED"
  /** Too many requests; `retryAfterMs` says when to come back. */
  | "RATE_LIMITED"

  // Wrong input.
  /** An argument, option or message does not have the shape it must have. */
  | "INVALID_ARGUMENT"
  /** A frame is larger than the link carries. */
  | "FRAME_TOO_LARGE"
  /** This build, platform or peer cannot do that. */
  | "UNSUPPORTED"

  // The other side misbehaved or failed.
  /** Bytes that the protocol does not allow here. */
  | "PROTOCOL_ERROR"
  /** The other side ran it and reported a failure of its own. */
  | "REMOTE_ERROR"
  /** An HTTP answer outside 200–299. */
  | "HTTP_STATUS"

  // State.
  /** The thing named does not exist, or not for this caller. */
  | "NOT_FOUND"
  /** It exists already, or changed meanwhile. */
  | "CONFLICT"
  /** A key file, database or setting is not in a state that may be used. */
  | "INVALID_STATE"

  // Protection.
  /** The circuit breaker is open: recent calls failed, this one was not tried. */
  | "CIRCUIT_OPEN"
  /** A queue, buffer or limit is full; nothing was sent. */
  | "OVERLOADED"
  /** This machine ran out of file handles, ports, memory or disk. */
  | "OUT_OF_RESOURCES"

  // The mesh.
  /** No path to that peer. */
  | "NO_ROUTE"
  /** No reachable peer offers that tool with those capabilities. */
  | "TOOL_NOT_FOUND"
  /** Sent, but whether it ran cannot be known; it was not run again. */
  | "OUTCOME_UNKNOWN"

  /** A fault of this library. Please report it. */
  | "INTERNAL";

/** Whether trying again unchanged makes sense, unless the error itself says otherwise. */
const retryable: Readonly<Record<ErrorCode, boolean>> = {
  ABORTED: false,
  CLOSED: false,
  TIMEOUT: true,
  DEADLINE_EXCEEDED: false,
  CONNECTION_REFUSED: true,
  CONNECTION_LOST: true,
  UNREACHABLE: true,
  NAME_NOT_FOUND: false,
  TLS_FAILED: false,
  ADDRESS_IN_USE: false,
  ADDRESS_UNAVAILABLE: false,
  CONNECTION_FAILED: true,
  AUTHENTICATION_FAILED: false,
  PERMISSION_DENIED: false,
  ADDRESS_BLOCKED: false,
  RATE_LIMITED: true,
  INVALID_ARGUMENT: false,
  FRAME_TOO_LARGE: false,
  UNSUPPORTED: false,
  PROTOCOL_ERROR: false,
  REMOTE_ERROR: false,
  HTTP_STATUS: false,
  NOT_FOUND: false,
  CONFLICT: false,
  INVALID_STATE: false,
  CIRCUIT_OPEN: true,
  OVERLOADED: true,
  OUT_OF_RESOURCES: true,
  NO_ROUTE: true,
  TOOL_NOT_FOUND: false,
  OUTCOME_UNKNOWN: false,
  INTERNAL: false,
};

/** The default `retryable` of an error with this code. */
export function isRetryableCode(code: ErrorCode): boolean {
  return retryable[code];
}

/** True for a string that is one of our codes, for instance one that came over the wire. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(retryable, value);
}
