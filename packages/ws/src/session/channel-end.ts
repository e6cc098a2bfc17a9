import type { CloseReason } from "@net/core";
import { retryHintOf } from "../socket/retry-hint.ts";
import type { Bye } from "./wire/envelope.ts";

/** Why a link ended, as far as it matters to a session. */
export interface ChannelEnd extends CloseReason {
  readonly retryAfterMs?: number;
}

/** The other end said why. */
export function endOfBye({ code, message = "", retryAfterMs }: Bye): ChannelEnd {
  return { code, message, remote: true, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Without a `bye` the link's own goodbye may say when to come back. */
export function endOfLink(reason: CloseReason): ChannelEnd {
  const retryAfterMs = reason.remote ? retryHintOf(reason.message) : undefined;
  return retryAfterMs === undefined ? reason : { ...reason, retryAfterMs };
}
