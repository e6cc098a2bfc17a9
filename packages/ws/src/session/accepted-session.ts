import { ClosedError, EventPublisher, type JsonValue, type SaidCloseCode } from "@net/core";
import type { RequestHandler, RequestOptions } from "./calls.ts";
import type { Channel } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import { endError } from "./end-error.ts";
import type { Exchange, Meeting } from "./exchange.ts";
import type { PublishOptions } from "./publications.ts";
import type { Session, SessionEvents, SessionState } from "./session.ts";

interface AcceptedSessionOptions<Body, Tx> {
  readonly exchange: Exchange<Body, Tx>;
  readonly publish: (body: JsonValue, options?: PublishOptions) => Promise<void>;
  readonly channel: Channel;
}

/** The accepting end of a session, for as long as one link lasts. */
export class AcceptedSession<Body, Tx>
  extends EventPublisher<SessionEvents>
  implements Session<Body, Tx>
{
  readonly id: string;
  readonly closed: Promise<Error | undefined>;
  readonly #exchange: Exchange<Body, Tx>;
  readonly #publish: AcceptedSessionOptions<Body, Tx>["publish"];
  readonly #channel: Channel;
  #state: SessionState = "connecting";

  constructor({ exchange, publish, channel }: AcceptedSessionOptions<Body, Tx>) {
    super();
    this.id = exchange.session;
    this.#exchange = exchange;
    this.#publish = publish;
    this.#channel = channel;
    this.closed = this.#untilItEnds();
  }

  get state(): SessionState {
    return this.#state;
  }

  publish(body: JsonValue, options?: PublishOptions): Promise<void> {
    return this.#publish(body, options);
  }

  inbox(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<Delivery<Body, Tx>, void, undefined> {
    return this.#exchange.incoming.inbox(options?.signal);
  }

  request(
    method: string,
    params?: JsonValue,
    options?: RequestOptions,
  ): Promise<JsonValue | undefined> {
    return this.#exchange.calls.request(method, params, options);
  }

  handle(method: string, handler: RequestHandler): () => void {
    return this.#exchange.calls.handle(method, handler);
  }

  async close(): Promise<void> {
    await this.leave("normal", "the session was closed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Closes it with a reason. */
  async leave(code: SaidCloseCode, message: string, retryAfterMs?: number): Promise<void> {
    void this.#channel.bye(code, message, retryAfterMs);
    await this.closed;
  }

  /** The two ends have met. */
  open(meeting: Meeting, resumed: boolean): void {
    this.#exchange.attach(meeting);
    this.#state = "open";
    this.emit("state", "open");
    this.emit("welcome", { resumed, epoch: meeting.epoch });
  }

  async #untilItEnds(): Promise<Error | undefined> {
    const end = await this.#channel.ended;
    this.#exchange.end(new ClosedError(`the link of session ${this.id} ended (${end.code})`), true);
    await this.#exchange.detach();
    await this.#exchange.incoming.settled();
    this.#state = "closed";
    this.emit("state", "closed");
    return end.code === "normal" && !end.error ? undefined : endError(end);
  }
}
