import type { Clock, Link } from "@net/core";
import type { ChannelEnd } from "./channel-end.ts";
import type { Envelope } from "./wire/envelope.ts";

/** Who is told what comes over a channel. */
export interface ChannelOwner {
  /** The envelopes of one frame. What this throws ends the link. */
  onFrame(envelopes: readonly Envelope[], bytes: number): void;
  /** It is over. */
  onEnded?(end: ChannelEnd): void;
}

/** Who waits for room in a channel. */
export interface ChannelSender {
  onRoom(): void;
}

export interface ChannelOptions {
  readonly link: Link;
  readonly clock: Clock;
  /** How long the other end may take nothing, in ms. */
  readonly stallTimeout: number;
  readonly owner: ChannelOwner;
}
