import type { NetworkError, RetryEvent } from "@net/core";
import type { Message } from "../socket/socket.ts";

/**
 * - `idle`: not asked to connect yet
 * - `connecting`: an attempt is being made
 * - `open`: messages flow
 * - `waiting`: the next attempt comes after a delay
 * - `closing`: saying goodbye
 * - `closed`: over, for good
 */
export type ClientState = "idle" | "connecting" | "open" | "waiting" | "closing" | "closed";

/** How a client ended for good. */
export interface ClientEnd {
  /** The close code of RFC 6455 §7.4; 1006 if no connection was open. */
  readonly code: number;
  readonly reason: string;
  /** Why, unless you closed it. */
  readonly error?: NetworkError;
}

export interface ClientEvents {
  state: [state: ClientState, previous: ClientState];
  /** A connection was lost, or could not be made, and another attempt follows. */
  retry: [event: RetryEvent];
  message: [message: Message];
  /** It is over, once and for good. A lost connection that is made again is a `retry`. */
  close: [end: ClientEnd];
}
