import type { ErrorCode } from "./codes.ts";
import {
  AbortedError,
  AuthenticationError,
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

/** What was being done when the error came; it becomes the message: "cannot <doing> <address>: …". */
export interface ErrorContext {
  /** As in "cannot connect to …"; default `reach`. */
  readonly doing?: string;
  /** The other end. Credentials in it are taken out. */
  readonly address?: string;
  /** Where a failed connection failed, if the error itself does not tell. Default `connect`. */
  readonly phase?: ConnectionPhase;
  /** The limit that was set, for time-outs. */
  readonly timeoutMs?: number;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly phase?: ConnectionPhase;
}

const lost: Meaning = { code: "CONNECTION_LOST", text: "the connection was lost", phase: "open" };
const resolve: Meaning = {
  code: "NAME_NOT_FOUND",
  text: "the host name does not resolve",
  phase: "resolve",
};
const exhausted: Meaning = {
  code: "OUT_OF_RESOURCES",
  text: "this machine ran out of file handles, ports or memory",
};

/** Codes of Node's system errors and of undici that mean: no connection. */
const connectionMeanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["ECONNREFUSED", { code: "CONNECTION_REFUSED", text: "nobody listens there" }],
  ["ENOENT", { code: "CONNECTION_REFUSED", text: "nobody listens there" }],
  ["ECONNRESET", lost],
  ["ECONNABORTED", lost],
  ["EPIPE", lost],
  ["ERR_STREAM_PREMATURE_CLOSE", lost],
  ["UND_ERR_SOCKET", lost],
  ["EHOSTUNREACH", { code: "UNREACHABLE", text: "there is no way to that host" }],
  ["ENETUNREACH", { code: "UNREACHABLE", text: "there is no way to that network" }],
  ["EHOSTDOWN", { code: "UNREACHABLE", text: "that host is down" }],
  ["ENETDOWN", { code: "UNREACHABLE", text: "the network is down" }],
  ["ENOTFOUND", resolve],
  ["EAI_NONAME", resolve],
  ["EAI_AGAIN", { code: "UNREACHABLE", text: "the name server does not answer", phase: "resolve" }],
  ["EADDRINUSE", { code: "ADDRESS_IN_USE", text: "somebody else listens there", phase: "listen" }],
  ["EADDRNOTAVAIL", { code: "ADDRESS_UNAVAILABLE", text: "this machine has no such address" }],
  ["EACCES", { code: "ADDRESS_UNAVAILABLE", text: "this user may not use that address" }],
  ["EMFILE", exhausted],
  ["ENFILE", exhausted],
  ["ENOBUFS", exhausted],
  ["ENOMEM", exhausted],
]);

const timeoutKinds: ReadonlyMap<string, TimeoutKind> = new Map<string, TimeoutKind>([
  ["ETIMEDOUT", "connect"],
  ["UND_ERR_CONNECT_TIMEOUT", "connect"],
  ["UND_ERR_HEADERS_TIMEOUT", "headers"],
  ["UND_ERR_BODY_TIMEOUT", "idle"],
]);

/** OpenSSL's verification results, and Node's own TLS errors. */
const tlsCode =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;
/** Node's and undici's parsers, and ws's receiver, on bytes that are not what they should be. */
const protocolCode = /^(HPE_|WS_ERR_|UND_ERR_RESPONSE|UND_ERR_REQ_CONTENT_LENGTH)/;
/** ws reports a refused upgrade in words only. */
const upgradeRefused = /^Unexpected server response: (\d{3})$/;

/**
 * Turns anything thrown by Node, undici, ws or TLS into one of this family. An error that already is one
 * comes back as it is; what cannot be told apart becomes `INTERNAL` with the original as `cause`.
 *
 * @example
 * ```ts
 * socket.once("error", (error) => reject(toNetworkError(error, { doing: "connect to", address })));
 * ```
 */
export function toNetworkError(error: unknown, context: ErrorContext = {}): NetworkError {
  if (NetworkError.is(error)) return error;
  if (!(error instanceof Error))
    return internal(`something that is no error was thrown`, error, context);
  return (
    fromDomException(error, context) ??
    fromCode(codeOf(error), error, context) ??
    fromUpgrade(error, context) ??
    fromInner(error, context) ??
    internal(error.message, error, context)
  );
}

function fromDomException(error: Error, context: ErrorContext): NetworkError | undefined {
  if (error.name === "AbortError") return new AbortedError(undefined, { cause: error });
  if (error.name !== "TimeoutError") return undefined;
  return timedOut("call", error, context);
}

function fromCode(code: string, error: Error, context: ErrorContext): NetworkError | undefined {
  const meaning = connectionMeanings.get(code);
  if (meaning) return connectionError(meaning, error, context);
  const kind = timeoutKinds.get(code);
  if (kind) return timedOut(kind, error, context);
  if (tlsCode.test(code)) {
    const text = `the TLS check failed: ${error.message}`;
    return connectionError({ code: "TLS_FAILED", text, phase: "tls" }, error, context);
  }
  if (protocolCode.test(code)) {
    return new ProtocolError(sentence(context, `it sent ${error.message}`), { cause: error });
  }
  if (code === "ERR_INVALID_URL") {
    return new ValidationError(sentence(context, "that is not a URL"), { cause: error });
  }
  return undefined;
}

function fromUpgrade(error: Error, context: ErrorContext): NetworkError | undefined {
  const status = Number(upgradeRefused.exec(error.message)?.[1]);
  if (!status) return undefined;
  const message = sentence(context, `it answered with HTTP status ${status}`);
  const options = { cause: error, details: { status } };
  if (status === 401) return new AuthenticationError(message, options);
  if (status === 403) return new PermissionError(message, options);
  if (status === 429) return new RateLimitError(message, options);
  const retryable = status === 408 || status === 425 || status >= 500;
  return new ConnectionError(message, { ...options, phase: "handshake", retryable });
}

/** Happy eyeballs throws an AggregateError, fetch a bare "fetch failed": the inner error knows. */
function fromInner(error: Error, context: ErrorContext): NetworkError | undefined {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  if (!(inner instanceof Error) || inner === error) return undefined;
  const known = fromCode(codeOf(inner), inner, context) ?? fromDomException(inner, context);
  return known ?? (NetworkError.is(inner) ? inner : undefined);
}

function connectionError(meaning: Meaning, cause: Error, context: ErrorContext): ConnectionError {
  const { code, text } = meaning;
  const phase = meaning.phase ?? context.phase ?? "connect";
  return new ConnectionError(sentence(context, text), {
    code,
    phase,
    cause,
    ...addressOf(context),
  });
}

function timedOut(kind: TimeoutKind, cause: Error, context: ErrorContext): NetworkTimeoutError {
  const { timeoutMs = 0 } = context;
  const text = timeoutMs > 0 ? `no answer within ${timeoutMs} ms` : "it did not answer in time";
  return new NetworkTimeoutError(sentence(context, text), { kind, timeoutMs, cause });
}

function internal(text: string, cause: unknown, context: ErrorContext): NetworkError {
  return new NetworkError("INTERNAL", sentence(context, text), { cause, ...addressOf(context) });
}

function sentence({ doing = "reach", address }: ErrorContext, text: string): string {
  return address === undefined ? text : `cannot ${doing} ${address}: ${text}`;
}

function addressOf({ address }: ErrorContext): { details?: { address: string } } {
  return address === undefined ? {} : { details: { address } };
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}
