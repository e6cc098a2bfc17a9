import type { EventSource, JsonValue, RetryEvent } from "@net/core";
import type { RequestHandler } from "./answers.ts";
import type { RequestOptions } from "./calls.ts";
import type { Delivery } from "./delivery.ts";
import type { PublishOptions } from "./publications.ts";

/** `waiting` is between two attempts; `closed` is for good. */
export type SessionState = "connecting" | "open" | "waiting" | "closed";

/** How a link was taken into use. */
export interface SessionWelcome {
  /**
   * False where the two ends do not share a past: they met for the first time, or one of them has lost its store. What
   * waited at either end is delivered all the same; what else the lost store held is gone.
   */
  readonly resumed: boolean;
  readonly epoch: string;
}

export interface SessionEvents extends Record<string, readonly unknown[]> {
  state: [state: SessionState];
  welcome: [welcome: SessionWelcome];
  /** An attempt or a link has failed, and another comes. */
  retry: [event: RetryEvent];
}

/** One end of a conversation that outlives links and, with a durable store, processes. */
export interface Session<Body = JsonValue, Tx = unknown>
  extends EventSource<SessionEvents>,
    AsyncDisposable {
  /** The session's name. */
  readonly id: string;
  readonly state: SessionState;
  /** Resolves when it is closed, with why if it was not by `close` here; never rejects. */
  readonly closed: Promise<Error | undefined>;

  /**
   * Hands a message to the other end, across any number of links: it is in the store before it is sent, and leaves it
   * when the other end has committed it. That is when this resolves.
   *
   * @throws ValidationError if the body is no JSON, or too large; OverloadedError if too many messages wait;
   * ClosedError if the session ends first: a message that the store has taken stays there; AbortedError.
   */
  publish(body: JsonValue, options?: PublishOptions): Promise<void>;

  /**
   * The other end's messages, in order. Leaving the loop gives back what was not acknowledged: the next loop gets it
   * again, `redelivered`. Ends when the session is closed; throws if it failed.
   */
  inbox(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<Delivery<Body, Tx>, void, undefined>;

  /**
   * Asks the other end. Waits for a link if there is none. Unlike messages, a request is never sent twice.
   *
   * @throws what the handler there threw, if it is of the `NetworkError` family, otherwise `REMOTE_ERROR`; NetworkError
   * `NOT_FOUND` if nobody handles the method; `OUTCOME_UNKNOWN` if the link ended meanwhile; NetworkTimeoutError,
   * AbortedError, ClosedError.
   */
  request(
    method: string,
    params?: JsonValue,
    options?: RequestOptions,
  ): Promise<JsonValue | undefined>;

  /** Answers the other end's requests until the result is called. */
  handle(method: string, handler: RequestHandler): () => void;

  /** Ends it, politely. What waits stays in the store. Closing twice is once. */
  close(): Promise<void>;
}
