import { ProtocolError } from "@net/core";
import type { SocketEnd } from "./socket.ts";

/** What `ws` calls a message over `maxPayload`, and the close code it sends for each fault (RFC 6455 §7.4.1). */
const closeCodes: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};
const PROTOCOL_VIOLATION = 1002;
const TOO_LARGE = 1009;

/** How a socket ends whose other side sent what the protocol or our limits forbid. */
export function violation(cause: Error & { readonly code?: string }): SocketEnd {
  const code = closeCodes[cause.code ?? ""] ?? PROTOCOL_VIOLATION;
  if (code === TOO_LARGE) return tooLarge(cause);
  const error = new ProtocolError(`the other side broke the protocol: ${cause.message}`, { cause });
  return { code, reason: cause.message, error };
}

export function tooLarge(cause?: Error): SocketEnd {
  const reason = "a message is over the limit";
  const error = new ProtocolError(`${reason} (maxPayload)`, { code: "FRAME_TOO_LARGE", cause });
  return { code: TOO_LARGE, reason, error };
}
