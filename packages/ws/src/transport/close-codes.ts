import type { CloseCode, CloseReason } from "@net/core";
import { retryHintOf } from "../socket/retry-hint.ts";
import type { SocketEnd } from "../socket/socket.ts";

// What a link says when it ends, as WebSocket close codes and back. 1000–1015 are RFC 6455 §7.4.1 and the IANA
// registry; 45xx are ours, from the range in which a `WebSocketClient` does not come back.

const toWire: Readonly<Record<CloseCode, number>> = {
  normal: 1000,
  "going-away": 1001,
  "protocol-error": 1002,
  "too-large": 1009,
  internal: 1011,
  overloaded: 1013,
  unauthorized: 4500,
  replaced: 4501,
  refused: 4502,
  // Nobody says these two.
  timeout: 1001,
  lost: 1001,
};

const fromWire: Readonly<Record<number, CloseCode>> = {
  1000: "normal",
  1001: "going-away",
  1002: "protocol-error",
  1003: "protocol-error",
  1005: "normal",
  1006: "lost",
  1007: "protocol-error",
  1008: "refused",
  1009: "too-large",
  1010: "protocol-error",
  1011: "internal",
  // Restarting, and a bad gateway: it may be back.
  1012: "going-away",
  1013: "overloaded",
  1014: "going-away",
  3000: "unauthorized",
  3003: "refused",
  4500: "unauthorized",
  4501: "replaced",
  4502: "refused",
};

/** Service restart, of the IANA registry: the one that says "come back", where the reason says when. */
const SERVICE_RESTART = 1012;

/** The close code that says this reason. */
export function closeCodeOf({ code, message }: CloseReason): number {
  const isRestart = code === "going-away" && retryHintOf(message) !== undefined;
  return isRestart ? SERVICE_RESTART : toWire[code];
}

/** A page cannot say 1001–1015, and says 4001–4015 in their place. */
const PAGE_OFFSET = 3000;

/** Why the other side ended; an unknown code is `normal`, and named in the message. */
export function closeReasonOf({ code, reason, error }: SocketEnd): CloseReason {
  const known = fromWire[code] ?? fromWire[code - PAGE_OFFSET];
  const message = known ? reason : `close code ${code}${reason === "" ? "" : `: ${reason}`}`;
  return { code: known ?? "normal", message, remote: true, ...(error && { error }) };
}
