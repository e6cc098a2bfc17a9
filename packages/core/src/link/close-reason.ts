import { ClosedError } from "../errors/kinds.ts";
import { cutCloseMessage } from "./close-message.ts";
import type { CloseCode, CloseReason, CloseRequest } from "./transport.ts";

/** A close code that one end tells the other: nobody says that a connection was lost. */
export type SaidCloseCode = Exclude<CloseCode, "lost" | "timeout">;

/** All of them, to check one that came from a stranger. */
export const saidCloseCodes: readonly SaidCloseCode[] = [
  "normal",
  "going-away",
  "refused",
  "unauthorized",
  "replaced",
  "overloaded",
  "too-large",
  "protocol-error",
  "internal",
];

/** Why a link ended that was closed or aborted here. */
export function localReason({ code = "normal", message = "" }: CloseRequest): CloseReason {
  return { code, message: cutCloseMessage(message), remote: false };
}

/** What a call on an ended link gets. */
export function closedError(address: string, reason: CloseReason): ClosedError {
  const by = reason.remote ? "by the other side" : "here";
  const why = reason.message ? `: ${reason.message}` : "";
  return new ClosedError(`the link to ${address} was closed ${by} (${reason.code})${why}`, {
    details: { reason: reason.code },
    ...(reason.error && { cause: reason.error }),
  });
}
