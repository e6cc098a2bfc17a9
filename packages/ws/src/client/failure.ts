import { ClosedError, ConnectionError, type NetworkError } from "@net/core";
import { retryHintOf } from "../socket/retry-hint.ts";
import type { SocketEnd } from "../socket/socket.ts";
import { type Failure, heedsHint, isTerminalCloseCode } from "./reconnect-policy.ts";

/** An open connection that ended, as a failure. */
export function failureOf({ code, reason, error }: SocketEnd): Failure {
  return { closeCode: code, error: error ?? closeError(code, reason) };
}

function closeError(code: number, reason: string): NetworkError {
  const retryAfterMs = heedsHint(code) ? retryHintOf(reason) : undefined;
  const details = {
    closeCode: code,
    closeReason: reason,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  const why = reason === "" ? "" : `: ${reason}`;
  if (isTerminalCloseCode(code)) {
    return new ClosedError(`the server closed the connection for good (${code})${why}`, {
      details,
    });
  }
  const message = `the connection was lost (${code})${why}`;
  return new ConnectionError(message, { code: "CONNECTION_LOST", phase: "open", details });
}
