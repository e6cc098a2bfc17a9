import type { Schema } from "@net/core";
import type { Auth } from "../auth/auth.ts";
import type { RedirectOptions } from "../policies/redirect.ts";
import type { RetryOptions } from "../policies/retry.ts";
import type { BodyOptions, RequestData } from "../request/body.ts";
import type { RequestHeaders } from "../request/headers.ts";
import type { Query } from "../request/url.ts";
import type { CallTimeouts } from "./timeouts.ts";

/** How far a body has come. */
export interface Progress {
  /** As they go over the wire. */
  readonly bytes: number;
  /** Of how many; undefined where nobody said. */
  readonly totalBytes: number | undefined;
}

/** What a call may say for itself; everything else comes from the client. */
export interface RequestOptions extends BodyOptions {
  /** Added to the URL's query; undefined and null are left out. */
  readonly query?: Query | undefined;
  /** Added to the client's; the same name replaces. */
  readonly headers?: RequestHeaders | undefined;
  /** The body, as the second argument of `post` takes it. */
  readonly data?: RequestData | undefined;
  /** For the whole call with its retries, in ms, or a limit for each part. Default: the client's. */
  readonly timeout?: number | CallTimeouts | undefined;
  /** Gives up the call; it rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the client's. */
  readonly throwOnError?: boolean | undefined;
  /** False: one try only. Default: the client's. */
  readonly retry?: false | RetryOptions | undefined;
  /** False: a redirect is returned like any other answer. Default: the client's. */
  readonly redirect?: false | RedirectOptions | undefined;
  /**
   * Sent as `Idempotency-Key`, the same with each try; true makes one up. The server then takes a second sending for the
   * first, so that also a `POST` is tried again.
   */
  readonly idempotencyKey?: true | string | undefined;
  /** Lets this request in, wherever it goes; false: none. Default: the client's. */
  readonly auth?: false | Auth | undefined;
  /** The largest body of an answer that is accepted. Default: the client's; of streams none. */
  readonly maxBodyBytes?: number | undefined;
  /** False: the answer's body is given as it came, and no compression is asked for. Default: the client's. */
  readonly decompress?: boolean | undefined;
  /** True: an absolute URL may lie outside the client's `baseUrl`. The client's headers do not go there. */
  readonly allowAbsoluteUrls?: boolean | undefined;
  /** Hears of the answer's body as it comes. */
  readonly onDownloadProgress?: ((progress: Progress) => void) | undefined;
  /** Hears of the request's body as it goes. */
  readonly onUploadProgress?: ((progress: Progress) => void) | undefined;
}

/** The same, with a schema for the answer. */
export interface SchemaRequestOptions<Output> extends RequestOptions {
  /** Checks the JSON of an answer of 200 to 299; `json()` gives what the schema made of it. */
  readonly schema: Schema<Output>;
}

/** A call whose answer's body is a stream. */
export interface StreamOptions extends RequestOptions {
  /** Default GET. */
  readonly method?: string | undefined;
}
