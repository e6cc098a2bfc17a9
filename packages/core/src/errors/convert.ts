import { NetworkError } from "./network-error.ts";
import * as codes from "./system-codes.ts";
import {
  aborted,
  badAnswer,
  closed,
  connectionError,
  type ErrorContext,
  internal,
  invalid,
  syscallOf,
  timedOut,
  tlsFailed,
  upgradeRefused,
} from "./with-context.ts";
import * as wordings from "./wordings.ts";

/** How deep wrapped errors are looked into; fetch over happy eyeballs needs two. */
const MAX_DEPTH = 4;

/**
 * Turns anything thrown by Node, undici, ws or TLS, or by a browser's fetch or WebSocket, into one of this family.
 * An error that already is one comes back as it is; what cannot be told apart becomes `INTERNAL` with the original
 * as `cause`. So does what is about files, and not about a connection.
 *
 * @example
 * ```ts
 * socket.once("error", (error) => reject(toNetworkError(error, { doing: "connect to", address })));
 * ```
 */
export function toNetworkError(error: unknown, context: ErrorContext = {}): NetworkError {
  if (NetworkError.is(error)) return error;
  if (!(error instanceof Error)) {
    return internal("something that is no error was thrown", error, context);
  }
  return known(error, context, MAX_DEPTH) ?? internal(error.message, error, context);
}

function known(error: Error, context: ErrorContext, depth: number): NetworkError | undefined {
  return (
    fromName(error, context) ??
    fromCode(error, context) ??
    fromInner(error, context, depth) ??
    fromSystemCall(error, context) ??
    fromWords(error, context)
  );
}

function fromName(error: Error, context: ErrorContext): NetworkError | undefined {
  if (error.name === "AbortError") return aborted(error);
  if (error.name === "TimeoutError") return timedOut("call", error, context);
  if (error.name === "HTTPParserError") return badAnswer(error, context);
  return undefined;
}

function fromCode(error: Error, context: ErrorContext): NetworkError | undefined {
  const code = codeOf(error);
  const meaning = codes.connectionMeanings.get(code);
  if (meaning) return connectionError(meaning, error, context);
  const kind = codes.timeoutKinds.get(code);
  if (kind === "connect" && context.phase === "open") {
    return connectionError(codes.lost, error, context);
  }
  if (kind) return timedOut(kind, error, context);
  if (codes.tlsCode.test(code)) return tlsFailed(error, context);
  if (codes.tooLargeCode.test(code)) return badAnswer(error, context, "FRAME_TOO_LARGE");
  if (codes.protocolCode.test(code)) return badAnswer(error, context);
  if (codes.closedCode.test(code)) return closed(error, context);
  if (codes.invalidCode.test(code)) return invalid(error, context);
  return undefined;
}

/**
 * Happy eyeballs wraps an error per address, fetch the socket's: the first that is understood counts. Causes of other
 * errors are not looked into: what failed is then what they say, not the connection somewhere below.
 */
function fromInner(error: Error, context: ErrorContext, depth: number): NetworkError | undefined {
  if (depth === 0) return undefined;
  for (const inner of innerOf(error)) {
    if (NetworkError.is(inner)) return inner;
    const found = inner instanceof Error ? known(inner, context, depth - 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

function innerOf(error: Error): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors;
  return wordings.fetchFailed.test(error.message) ? [error.cause] : [];
}

/** What a network call of the system failed with; the same codes of a file call mean something else. */
function fromSystemCall(error: Error, context: ErrorContext): NetworkError | undefined {
  const phase = codes.networkCalls.get(syscallOf(error));
  if (!phase) return undefined;
  const meaning = codes.networkCallMeanings.get(codeOf(error));
  const unknown = { code: "CONNECTION_FAILED", text: error.message } as const;
  return connectionError({ phase, ...(meaning ?? unknown) }, error, context);
}

function fromWords(error: Error, context: ErrorContext): NetworkError | undefined {
  const { message } = error;
  const status = Number(wordings.upgradeRefused.exec(message)?.[1]);
  if (status) return upgradeRefused(status, error, context);
  if (wordings.badHandshake.test(message)) return badAnswer(error, context);
  if (wordings.handshakeTimedOut.test(message)) return timedOut("handshake", error, context);
  if (wordings.notOpen.test(message)) return closed(error, context);
  if (wordings.invalidArgument.test(message)) return invalid(error, context);
  if (!wordings.fetchFailed.test(message)) return undefined;
  const why = error.cause instanceof Error ? error.cause.message : "no answer came";
  return connectionError({ code: "CONNECTION_FAILED", text: why }, error, context);
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}
