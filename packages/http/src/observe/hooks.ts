import type { NetworkError } from "@net/core";
import type { RetryEvent } from "../policies/retry.ts";
import type { RawHeaders } from "../response/headers.ts";

/** One request on its way. URLs are without their query, which often holds what is private. */
export interface RequestEvent {
  readonly method: string;
  readonly url: string;
  /** 1 for the first request of a call; retries and redirects count on. */
  readonly attempt: number;
}

export interface ResponseEvent extends RequestEvent {
  readonly status: number;
  readonly headers: RawHeaders;
  /** From the request's start until its answer was there; of a stream, its head. */
  readonly durationMs: number;
}

export interface ErrorEvent extends RequestEvent {
  readonly error: NetworkError;
  readonly durationMs: number;
}

export interface RedirectEvent extends RequestEvent {
  readonly status: number;
  /** Where it leads. */
  readonly to: string;
}

type AddedHeaders = Readonly<Record<string, string>>;

/** Hears of what happens. What a hook throws ends the call. */
export interface HttpHooks {
  /**
   * Before each request; headers that it gives are added. Also before one that follows a redirect: look where it goes
   * before you add what is secret.
   */
  onRequest?(
    event: RequestEvent,
  ): void | AddedHeaders | undefined | Promise<void> | Promise<AddedHeaders | undefined>;
  /** After each answer, whatever its status. */
  onResponse?(event: ResponseEvent): void;
  /** After each request that got no answer. */
  onError?(event: ErrorEvent): void;
  /** Before each wait for another try. */
  onRetry?(event: RetryEvent & RequestEvent): void;
  /** Before a redirect is followed. */
  onRedirect?(event: RedirectEvent): void;
}
