import type { SendCredit } from "../credit/send-credit.ts";
import type { Fate } from "./queued-frame.ts";

export interface EgressOptions {
  /** The most that may wait, each frame counted with 384 bytes of its own. Default 4 MiB. */
  readonly maxBytes?: number;
  /** What critical frames may take beyond that. Default 64 KiB. */
  readonly criticalReserve?: number;
  /** The part of the manager's `maxBandwidth` that this queue gets while others want to send too. Default 1. */
  readonly weight?: number;
  /**
   * What the receiver allows: all but critical frames wait for it. Each frame counts with its bytes; one larger than a
   * chunk may be begun when there is credit for a chunk.
   */
  readonly credit?: SendCredit;
}

/** How one frame is to be sent. */
export interface FrameOptions {
  /** How long it may wait, in ms from now; then it is not sent, and `DEADLINE_EXCEEDED`. Default: any time. */
  readonly deadlineMs?: number | undefined;
  /**
   * While it waits, a newer frame of the same type and key takes its place in the queue: of states only the last one
   * matters. It is `superseded` then.
   */
  readonly coalesceKey?: string | undefined;
  /**
   * False: it is never refused for having waited too long (CoDel), because what follows it is worth nothing without it, and
   * whoever sends it slows down by other means. Default true.
   */
  readonly refusable?: boolean | undefined;
}

export interface EgressSendOptions extends FrameOptions {
  /** The type of message, whose policy says how it is treated. */
  readonly type: string;
  /** Takes the frame out of the queue while it waits. */
  readonly signal?: AbortSignal | undefined;
  /**
   * True: where too much waits already it waits for room, behind those that began to wait before it, instead of being refused.
   * For what must not be lost, by senders who are few; a deadline counts from when there is room. Default false.
   */
  readonly patient?: boolean | undefined;
}

export interface EgressOfferOptions extends FrameOptions {
  /**
   * Called once with what became of the frame, maybe before `offer` returns. Without it nobody could be told, so the
   * frame is never refused once it waits, and has no deadline.
   */
  readonly onSettled?: ((fate: Fate) => void) | undefined;
}
