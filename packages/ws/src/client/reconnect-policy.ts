import type { ErrorCode, NetworkError } from "@net/core";

/** A failure as the policy sees it. */
export interface Failure {
  readonly error: NetworkError;
  /** If it was open before it failed. */
  readonly closeCode?: number;
}

/**
 * Close codes after which trying again would only repeat it. The first are RFC 6455 §7.4.1 (a broken protocol,
 * data that is not wanted, a policy, a message too large, a missing extension); 3500–3999 and 4500–4999 are
 * Centrifugo's convention for servers that send a client away for good.
 */
export function isTerminalCloseCode(code: number): boolean {
  return (
    code === 1002 ||
    code === 1003 ||
    (code >= 1007 && code <= 1010) ||
    (code >= 3500 && code <= 3999) ||
    (code >= 4500 && code <= 4999)
  );
}

/**
 * Close codes with which a server sends everybody away for a while, and may say until when: it goes away, restarts, is
 * overloaded (RFC 6455 §7.4.1 and the IANA registry).
 */
const sendingAway: ReadonlySet<number> = new Set([1001, 1012, 1013]);
/** Nobody said goodbye: the server crashed, as far as one can tell. */
const LOST = 1006;

/** Whether a hint in the reason of such a close says when to come back. */
export function heedsHint(closeCode: number): boolean {
  return sendingAway.has(closeCode);
}

/**
 * Whether all clients of that server lost it at this moment. Silence is noticed by each in its own time, and so are a
 * network that comes up again and a laptop that wakes: those come back quickly.
 */
export function isSudden({ closeCode, error }: Failure): boolean {
  if (closeCode === LOST) return error.code === "CONNECTION_LOST";
  return closeCode !== undefined && sendingAway.has(closeCode);
}

/** Whether the server did not accept the credentials of the handshake. */
export function isUnauthorized({ error }: Failure): boolean {
  return error.details.status === 401;
}

/** 408, 425 and 429 ask to come again; every other 4xx says that this request is wrong. */
function isTerminalStatus(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429;
}

/** Troubles of a network that once worked: no name server, a portal that answers in the server's place. */
const passing: ReadonlySet<string> = new Set<ErrorCode>([
  "NAME_NOT_FOUND",
  "TLS_FAILED",
  "PROTOCOL_ERROR",
  "CONNECTION_FAILED",
]);

/**
 * Whether to connect again after a failure.
 *
 * @param wasOpen whether this client was ever open: before, a wrong host name or certificate is taken for the
 * caller's mistake, afterwards for a trouble that passes.
 */
export function isRetryable({ error, closeCode }: Failure, wasOpen: boolean): boolean {
  if (closeCode !== undefined) return !isTerminalCloseCode(closeCode);
  const { status } = error.details;
  if (typeof status === "number" && isTerminalStatus(status)) return false;
  return error.retryable || (wasOpen && passing.has(error.code));
}
