import { NumberMap } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { Outcome } from "../tools/outcome.ts";
import type { PendingCall } from "./pending-call.ts";

/** The calls of this peer on one channel that have no answer yet. An answer counts only on the channel of its call. */
export class Line {
  readonly channel: Channel;
  readonly #pending = new NumberMap<PendingCall>();
  #last = 0;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** When the call began that began first; undefined if there is none. */
  get oldestMs(): number | undefined {
    const startsMs = this.#pending.values().map(({ startMs }) => startMs);
    return startsMs.length > 0 ? Math.min(...startsMs) : undefined;
  }

  /** A call begins. @returns its number. */
  begin(pending: PendingCall): number {
    this.#last += 1;
    this.#pending.set(this.#last, pending);
    this.channel.begin();
    return this.#last;
  }

  /** It has ended. */
  end(call: number): void {
    if (this.#pending.delete(call)) this.channel.end();
  }

  find(call: number): PendingCall | undefined {
    return this.#pending.get(call);
  }

  /** Ends all of them. */
  settle(outcome: Outcome): void {
    for (const call of this.#pending.values()) call.settle(outcome);
  }
}
