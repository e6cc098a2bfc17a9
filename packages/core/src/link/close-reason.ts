import { ClosedError } from "../errors/kinds.ts";
import { cutCloseMessage } from "./close-message.ts";
import type { CloseReason, CloseRequest } from "./transport.ts";

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
