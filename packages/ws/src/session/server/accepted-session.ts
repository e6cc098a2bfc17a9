import { ClosedError, type JsonValue } from "@net/core";
import { BaseSession } from "../base-session.ts";
import type { Channel } from "../channel.ts";
import type { ChannelEnd } from "../channel-end.ts";
import { endError } from "../end-error.ts";
import type { Exchange, Meeting } from "../exchange.ts";
import type { PublishOptions } from "../publications.ts";

/** The server a session belongs to: the same for all. */
export interface SessionHouse<Body, Tx> {
  publish(session: string, body: JsonValue, options?: PublishOptions): Promise<void>;
  /** Its link has ended, and the store is no longer used. */
  onClosed(session: AcceptedSession<Body, Tx>): void;
}

/** The accepting end of a session, for as long as one link lasts. */
export class AcceptedSession<Body, Tx> extends BaseSession<Body, Tx> {
  readonly closed: Promise<Error | undefined>;
  readonly #house: SessionHouse<Body, Tx>;
  readonly #channel: Channel;

  constructor(exchange: Exchange<Body, Tx>, channel: Channel, house: SessionHouse<Body, Tx>) {
    super(exchange);
    this.#house = house;
    this.#channel = channel;
    // An async function that waits for the end of the link would be kept, whole, as long as the link lasts.
    this.closed = channel.ended.then((end) => this.#end(end));
  }

  publish(body: JsonValue, options?: PublishOptions): Promise<void> {
    return this.#house.publish(this.id, body, options);
  }

  /** There are new messages in the store. */
  wake(): void {
    this.exchange.wake();
  }

  async close(): Promise<void> {
    void this.#channel.bye("normal", "the session was closed");
    await this.closed;
  }

  /** The two ends have met. */
  open(meeting: Meeting, resumed: boolean): void {
    this.exchange.attach(meeting);
    this.become("open");
    this.emit("welcome", { resumed, epoch: meeting.epoch });
  }

  async #end(end: ChannelEnd): Promise<Error | undefined> {
    this.exchange.end(new ClosedError(`the link of session ${this.id} ended (${end.code})`), true);
    await this.exchange.detach();
    await this.exchange.incoming.settled();
    this.become("closed");
    this.#house.onClosed(this);
    return end.code === "normal" && !end.error ? undefined : endError(end);
  }
}
