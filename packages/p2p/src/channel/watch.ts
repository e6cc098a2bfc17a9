import type { Frame } from "../wire/frame.ts";
import type { Channel } from "./channel.ts";

/** Finds out whether the other end of a channel lives. Disposed of when the channel has ended. */
export interface ChannelWatch extends Disposable {
  /** Something came. */
  heard(): void;
  /** Something goes to the other end that wants an answer, or something in return. */
  asked(): void;
  /** The other end, or the link, has taken what was waiting for it. */
  progressed(): void;
  /** A control frame that is none of the channel's own. @throws ProtocolError */
  receive(frame: Frame): void;
}

/** Begins to watch a channel, which is about to open. */
export type StartWatch = (channel: Channel) => ChannelWatch;
