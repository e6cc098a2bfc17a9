import type { Clock } from "@net/core";
import { ReceiveCredit, SendCredit, WindowEstimator } from "@net/qos";

/** Both directions of a channel's credit: what the other end may send, and what it lets this one send. */
export class FlowCredit {
  readonly sending: SendCredit = new SendCredit();
  readonly #clock: Clock;
  readonly #window: WindowEstimator = new WindowEstimator();
  readonly #receiving: ReceiveCredit = new ReceiveCredit(this.#window);
  readonly #announce: (limitBytes: number) => void;

  constructor(clock: Clock, announce: (limitBytes: number) => void) {
    this.#clock = clock;
    this.#announce = announce;
  }

  /** A frame came. @throws ProtocolError if the other end had no credit for it. */
  received(bytes: number): void {
    this.#receiving.received(bytes);
    this.#window.delivered(bytes, this.#clock.monotonicMs());
  }

  /** A frame that came takes no room here any more. */
  consumed(bytes: number): void {
    const limitBytes = this.#receiving.consumed(bytes);
    if (limitBytes !== undefined) this.#announce(limitBytes);
  }

  /** A frame leaves: what there is to announce goes with it. */
  leaving(): void {
    const limitBytes = this.#receiving.ride();
    if (limitBytes !== undefined) this.#announce(limitBytes);
  }

  roundTrip(rttMs: number): void {
    this.#window.roundTrip(rttMs, this.#clock.monotonicMs());
  }

  granted(limitBytes: number): void {
    this.sending.granted(limitBytes);
  }

  close(): void {
    this.sending.close();
  }
}
