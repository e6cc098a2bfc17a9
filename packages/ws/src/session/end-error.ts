import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  type NetworkError,
  OverloadedError,
  PermissionError,
  ProtocolError,
} from "@net/core";
import type { ChannelEnd } from "./channel-end.ts";

/** A link that ended, as what those get who wait on it. */
export function endError({ code, message, error, retryAfterMs }: ChannelEnd): NetworkError {
  if (error) return error;
  const details = { reason: code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const why = message === "" ? "" : `: ${message}`;
  switch (code) {
    case "unauthorized":
      return new AuthenticationError(`the other end does not accept this session's token${why}`, {
        details,
      });
    case "refused":
      return new PermissionError(`the other end refused the session${why}`, { details });
    case "replaced":
      return new ClosedError("another end has taken this session over", { details });
    case "protocol-error":
      return new ProtocolError(`the other end saw the protocol broken${why}`, { details });
    case "too-large":
      return new ProtocolError(`the other end was sent too much${why}`, {
        code: "FRAME_TOO_LARGE",
        details,
      });
    case "overloaded":
      return new OverloadedError(`the other end has too much to do${why}`, { details });
    case "normal":
    case "going-away":
    case "internal":
    case "timeout":
    case "lost":
      return new ConnectionError(`the link ended (${code})${why}`, {
        code: "CONNECTION_LOST",
        phase: "open",
        details,
      });
  }
}
