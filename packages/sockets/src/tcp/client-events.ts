import type { RetryEvent } from "@net/core";

/** `idle` is before `connect` and after one that failed; `waiting` is the pause before another attempt. */
export type TCPClientState = "idle" | "connecting" | "open" | "waiting" | "closed";

export interface TCPClientEvents {
  state: [next: TCPClientState];
  /** The connection was lost or not made, and is tried again after the delay. Only with `reconnect`. */
  retry: [event: RetryEvent];
}
