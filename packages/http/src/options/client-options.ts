import type { Clock, Logger, Rng } from "@net/core";
import type { Auth } from "../auth/auth.ts";
import type { HttpHooks } from "../observe/hooks.ts";
import type { Tracing } from "../observe/tracing.ts";
import type { PolicyOptions } from "../policies/compose.ts";
import type { RedirectOptions } from "../policies/redirect.ts";
import type { RetryOptions } from "../policies/retry.ts";
import type { RequestHeaders } from "../request/headers.ts";
import type { Wire } from "../wire/wire.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { ClientTimeouts } from "./timeouts.ts";

export interface HTTPClientOptions extends ConnectionOptions, PolicyOptions {
  /** What every URL must lie under; relative ones are joined to it. Default: none, every URL is absolute. */
  readonly baseUrl?: string | URL | undefined;
  /** True: an absolute URL may lie outside `baseUrl`; the client's headers do not go there. Default false. */
  readonly allowAbsoluteUrls?: boolean | undefined;
  /** For a whole call with its retries, in ms, or a limit for each part. Default 30,000. */
  readonly timeout?: number | ClientTimeouts | undefined;
  /** Tries after the first. Default 3. The same as `retry: { max }`. */
  readonly maxRetries?: number | undefined;
  /**
   * Delay before the first retry, in ms; it doubles each time up to 30 s, with full jitter. Default 1000. The same as
   * `retry: { backoff }`.
   */
  readonly retryBackoff?: number | undefined;
  /** When and how often a call is tried again. */
  readonly retry?: false | RetryOptions | undefined;
  /** How redirects are followed; false: they are returned. */
  readonly redirect?: false | RedirectOptions | undefined;
  /** Sent with every request. */
  readonly headers?: RequestHeaders | undefined;
  /** Reject with an error when the answer is not 2xx, instead of returning it. Default false. */
  readonly throwOnError?: boolean | undefined;
  /** The largest body of an answer that is accepted, before and after decompression. Default 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Ask for compressed answers, and give them plain. Default true. */
  readonly decompress?: boolean | undefined;
  /** Lets requests in; needs a `baseUrl`, to whose origin alone it goes. */
  readonly auth?: Auth | undefined;
  /** Hear of what happens. */
  readonly hooks?: HttpHooks | readonly HttpHooks[] | undefined;
  /** Writes a line for each answer, retry and failure. Default: silent. */
  readonly logger?: Logger | undefined;
  /** Propagates and records traces: `traceContext`, or `openTelemetry` of `@net/http/opentelemetry`. */
  readonly tracing?: Tracing | undefined;
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
  /** Carries the requests instead of connections: a stand-in for tests, see `@net/http/testing`. */
  readonly wire?: Wire | undefined;
}
