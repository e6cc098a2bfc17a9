import {
  AuthenticationError,
  abortedError,
  ConnectionError,
  NetworkError,
  NetworkTimeoutError,
  PermissionError,
  RemoteError,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { isSpawnFailure, spawnFailure } from "../../tools/shell/spawn-failure.ts";
import { type McpFailure, mcpFailureOf, NO_TIMEOUT } from "../sdk-client.ts";

/** JSON-RPC's number for wrong parameters: https://www.jsonrpc.org/specification#error_object */
const INVALID_PARAMS = -32_602;
const METHOD_NOT_FOUND = -32_601;

/** What the SDK threw, as one of the family; if the signal has aborted, that. */
export function mcpError(error: unknown, doing: string, signal?: AbortSignal): NetworkError {
  if (signal?.aborted) return abortedError(signal);
  if (NetworkError.is(error)) return error;
  if (isSpawnFailure(error)) return spawnFailure(error, error.path ?? "of that name");
  const failure = mcpFailureOf(error);
  if (!failure) return toNetworkError(error, { doing });
  return ofFailure(failure, `cannot ${doing}: ${failure.message}`, error as Error);
}

function ofFailure(failure: McpFailure, message: string, cause: Error): NetworkError {
  const { code, status, timeoutMs = NO_TIMEOUT } = failure;
  if (typeof code === "number") return ofServer(code, message, cause);
  if (status === 401) return new AuthenticationError(message, { cause });
  if (status === 403) return new PermissionError(message, { cause });
  if (code === "REQUEST_TIMEOUT") {
    return new NetworkTimeoutError(message, { kind: "call", timeoutMs, cause });
  }
  if (code === "CONNECTION_CLOSED" || code === "NOT_CONNECTED") {
    return new ConnectionError(message, { code: "CONNECTION_LOST", phase: "open", cause });
  }
  if (status !== undefined) return new ConnectionError(message, { phase: "open", cause });
  return underneath(cause) ?? new NetworkError("PROTOCOL_ERROR", message, { cause });
}

/** The SDK wraps what the network said, such as that nobody listens. */
function underneath({ cause }: { readonly cause?: unknown }): NetworkError | undefined {
  const known = toNetworkError(cause);
  return known.code === "INTERNAL" ? undefined : known;
}

function ofServer(code: number, message: string, cause: unknown): NetworkError {
  if (code === INVALID_PARAMS) return new ValidationError(message, { cause });
  if (code === METHOD_NOT_FOUND) return new NetworkError("UNSUPPORTED", message, { cause });
  return new RemoteError(message, {
    cause,
    remoteName: "ProtocolError",
    details: { mcpCode: code },
  });
}
