import {
  ConnectionError,
  type NetworkError,
  PermissionError,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { MAX_DATAGRAM_BYTES } from "./datagram.ts";

/** What sending a datagram failed with, in our words. */
export function sendError(cause: Error, to: string, from: string): NetworkError {
  const { code } = cause as { code?: unknown };
  const cannot = `cannot send to ${to}`;
  switch (code) {
    case "EMSGSIZE":
      return new ValidationError(
        `${cannot}: the datagram is too large for the way there, at most ${MAX_DATAGRAM_BYTES} bytes anywhere`,
        { code: "FRAME_TOO_LARGE", cause },
      );
    case "EINVAL":
      return new ConnectionError(
        `${cannot} from ${from}: there is no way from that address; open it with host "0.0.0.0" or "::" to reach other machines`,
        { code: "UNREACHABLE", cause },
      );
    case "EACCES":
    case "EPERM":
      return new PermissionError(
        `${cannot}: the system does not allow it; a broadcast address is reached with broadcast()`,
        { cause },
      );
    default:
      return toNetworkError(cause, { doing: "send to", address: to, phase: "connect" });
  }
}
