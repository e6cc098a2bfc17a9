import { type Clock, ProtocolError } from "@net/core";
import { Heartbeat } from "../links/heartbeat.ts";
import type { Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { decodeLiveness, encodeLiveness } from "../wire/liveness.ts";
import type { Channel } from "./channel.ts";
import type { ChannelWatch } from "./watch.ts";

export interface HeartbeatWatchOptions {
  /** Between two beats, in ms. */
  readonly interval: number;
  readonly clock: Clock;
}

/** Watches a session: its ends ask each other, nobody else is asked. */
export class HeartbeatWatch implements ChannelWatch {
  readonly #channel: Channel;
  readonly #heartbeat: Heartbeat;

  constructor(channel: Channel, { interval, clock }: HeartbeatWatchOptions) {
    this.#channel = channel;
    this.#heartbeat = new Heartbeat({
      ...{ interval, clock },
      ping: (number) => channel.control(encodeLiveness({ type: "probe", number })),
      onRoundTrip: (rttMs) => channel.measured(rttMs),
      onLost: () => {},
      onDead: () => channel.abort({ code: "timeout", message: "nothing was heard of it" }),
    });
  }

  heard(): void {
    this.#heartbeat.heard();
  }

  asked(): void {}

  progressed(): void {}

  receive(frame: Frame): void {
    if (frame.kind !== FrameKind.ping && frame.kind !== FrameKind.pong) {
      throw new ProtocolError(`a frame of kind ${frame.kind} came over a session`);
    }
    const message = decodeLiveness(frame);
    const { number } = message as { readonly number: number };
    if (message.type === "probe-ack") this.#heartbeat.answered(number);
    else this.#channel.control(encodeLiveness({ ...calm, number }));
  }

  [Symbol.dispose](): void {
    this.#heartbeat[Symbol.dispose]();
  }
}

/** What the end of a session says of itself: nothing. */
const calm = { type: "probe-ack", incarnation: 0, loopLagMs: 0, busy: false } as const;
