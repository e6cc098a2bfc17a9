import { type NetworkError, ProtocolError } from "@net/core";
import { Calls } from "./calls.ts";
import type { Channel } from "./channel.ts";
import type { ChannelOwner } from "./channel-options.ts";
import { Incoming, type IncomingOwner } from "./incoming/incoming.ts";
import type { Part } from "./incoming/part.ts";
import type { ExchangeSettings } from "./options.ts";
import { Sender } from "./sender.ts";
import type { Envelope, Terms } from "./wire/envelope.ts";

/** Is told which messages of a session the other end has committed. */
export interface CommitListener {
  committed(session: string, ids: readonly string[]): void;
}

/** A link whose ends have met. */
export interface Meeting {
  readonly channel: Channel;
  readonly epoch: string;
  readonly peer: Terms;
  /** Our cursor, as the other end was told. */
  readonly told: number;
}

/** What both ends of a session do alike once they have met: messages and calls, over one link after another. */
export class Exchange<Body, Tx> implements ChannelOwner, IncomingOwner {
  readonly session: string;
  readonly incoming: Incoming<Body, Tx>;
  readonly #settings: ExchangeSettings<Body, Tx>;
  readonly #listener: CommitListener;
  #sender: Sender | undefined;
  #channel: Channel | undefined;
  /** There once somebody calls, or is to be called. */
  #calls: Calls | undefined;
  #end: NetworkError | undefined;

  constructor(session: string, settings: ExchangeSettings<Body, Tx>, listener: CommitListener) {
    this.session = session;
    this.#settings = settings;
    this.#listener = listener;
    this.incoming = new Incoming({ session, settings, owner: this });
  }

  get calls(): Calls {
    this.#calls ??= this.#newCalls();
    return this.#calls;
  }

  /** What this end tells the other. */
  terms(position: Pick<Terms, "cursor" | "received">): Terms {
    const { windowMessages, windowBytes, maxMessageBytes, pingMs } = this.#settings;
    return { ...position, windowMessages, windowBytes, maxMessageBytes, pingMs };
  }

  /** Uses a link. */
  attach({ channel, epoch, peer, told }: Meeting): void {
    this.#channel = channel;
    const { session } = this;
    const { store, pingMs } = this.#settings;
    const listener = this.#listener;
    this.#sender = new Sender({ session, epoch, store, channel, peer, listener });
    channel.greeted(pingMs, peer.pingMs);
    this.#calls?.start(channel);
    this.incoming.start(channel, told);
    this.#sender.start();
  }

  /** Lets go of the link, which is over. Resolves when nothing of it uses the store any more. */
  async detach(): Promise<void> {
    const sender = this.#sender;
    this.#sender = undefined;
    this.#channel = undefined;
    this.#calls?.stop();
    this.incoming.stop();
    await sender?.settled();
  }

  /** There are new messages in the store. */
  wake(): void {
    this.#sender?.wake();
  }

  end(error: NetworkError, isOrderly: boolean): void {
    this.#end ??= error;
    this.#calls?.end(error);
    this.incoming.end(isOrderly ? undefined : error);
  }

  /** What failed here ends the link. */
  onFailure(error: unknown): void {
    this.#channel?.fail(error);
  }

  /** What came in one frame. @throws ProtocolError */
  onFrame(envelopes: readonly Envelope[], bytes: number): void {
    const parts: Part[] = [];
    for (const envelope of envelopes) {
      if (envelope.kind === "msg" || envelope.kind === "run") parts.push(envelope);
      else this.#handle(envelope);
    }
    if (parts.length === 0 || this.incoming.receive(parts, bytes)) return;
    this.#channel?.lose("a message is missing");
  }

  #newCalls(): Calls {
    const calls = new Calls(this.#settings.clock);
    if (this.#channel) calls.start(this.#channel);
    if (this.#end) calls.end(this.#end);
    return calls;
  }

  #handle(envelope: Exclude<Envelope, Part>): void {
    switch (envelope.kind) {
      case "ack":
        this.#sender?.acknowledged(envelope.seq);
        break;
      case "req":
        this.calls.asked(envelope);
        break;
      case "res":
        this.calls.answered(envelope);
        break;
      case "cancel":
        this.calls.cancelled(envelope);
        break;
      case "ping":
      case "bye":
        break;
      case "hello":
      case "welcome":
        throw new ProtocolError(`${envelope.kind} came twice`);
    }
  }
}
