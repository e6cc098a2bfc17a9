import { Emitter, type EventListener, type JsonValue } from "@net/core";
import type { RequestHandler } from "./answers.ts";
import type { RequestOptions } from "./calls.ts";
import type { Delivery } from "./delivery.ts";
import type { Exchange } from "./exchange.ts";
import type { PublishOptions } from "./publications.ts";
import type { Session, SessionEvents, SessionState } from "./session.ts";

/** What a session is at both ends: an {@link Exchange} with a state, and events about it. */
export abstract class BaseSession<Body, Tx> implements Session<Body, Tx> {
  readonly id: string;
  abstract readonly closed: Promise<Error | undefined>;
  protected readonly exchange: Exchange<Body, Tx>;
  #state: SessionState = "connecting";
  /** There once somebody listens: to most of a server's sessions nobody does. */
  #events: Emitter<SessionEvents> | undefined;

  constructor(exchange: Exchange<Body, Tx>) {
    this.id = exchange.session;
    this.exchange = exchange;
  }

  get state(): SessionState {
    return this.#state;
  }

  abstract publish(body: JsonValue, options?: PublishOptions): Promise<void>;
  abstract close(): Promise<void>;

  inbox(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<Delivery<Body, Tx>, void, undefined> {
    return this.exchange.incoming.inbox(options?.signal);
  }

  request(
    method: string,
    params?: JsonValue,
    options?: RequestOptions,
  ): Promise<JsonValue | undefined> {
    return this.exchange.calls.request(method, params, options);
  }

  handle(method: string, handler: RequestHandler): () => void {
    return this.exchange.calls.handle(method, handler);
  }

  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: EventListener<SessionEvents[Name]>,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  off<Name extends keyof SessionEvents>(
    name: Name,
    listener: EventListener<SessionEvents[Name]>,
  ): void {
    this.#events?.off(name, listener);
  }

  once<Name extends keyof SessionEvents>(
    name: Name,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<SessionEvents[Name]> {
    return this.#emitter.once(name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected emit<Name extends keyof SessionEvents>(name: Name, ...args: SessionEvents[Name]): void {
    this.#events?.emit(name, ...args);
  }

  protected become(state: SessionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }

  get #emitter(): Emitter<SessionEvents> {
    this.#events ??= new Emitter();
    return this.#events;
  }
}
