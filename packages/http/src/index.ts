/**
 * `@net/http`: an HTTP client whose time-outs fire when they say and whose retries are right, over undici. For Node.
 *
 * @module
 */

export { HTTPClient } from "./client.ts";
export { createHttpClient, getHttpClient } from "./default-client.ts";

// What a call and a client may be told

export type {
  Progress,
  RequestOptions,
  SchemaRequestOptions,
  StreamOptions,
} from "./options/call-options.ts";
export type { HTTPClientOptions } from "./options/client-options.ts";
export type {
  CacheOptions,
  ConnectionOptions,
  ProxyOptions,
} from "./options/connection-options.ts";
export type { CallTimeouts, ClientTimeouts } from "./options/timeouts.ts";
export type { BreakerOptions } from "./policies/breaker.ts";
export type { PolicyOptions } from "./policies/compose.ts";
export type { ConcurrencyOptions } from "./policies/concurrency.ts";
export type { HedgeOptions } from "./policies/hedge.ts";
export type { RedirectOptions } from "./policies/redirect.ts";
export type { RetryEvent, RetryOptions } from "./policies/retry.ts";
export type { BodyOptions, RawBody, RequestData, StreamBody } from "./request/body.ts";
export type { RequestHeaders } from "./request/headers.ts";
export type { Query, QueryValue } from "./request/url.ts";

// Letting requests in

export { type ApiKeyOptions, apiKey } from "./auth/api-key.ts";
export type { Auth, AuthContext, Credentials } from "./auth/auth.ts";
export { type BasicOptions, basic } from "./auth/basic.ts";
export { type BearerOptions, bearer, type FreshToken, type TokenSource } from "./auth/bearer.ts";
export type { CookieJar } from "./cookies/jar.ts";

// Hearing what happens

export type { HttpChannels } from "./observe/channels.ts";
export type {
  ErrorEvent,
  HttpHooks,
  RedirectEvent,
  RequestEvent,
  ResponseEvent,
} from "./observe/hooks.ts";
export { type Trace, type TraceOutcome, type Tracing, traceContext } from "./observe/tracing.ts";

// Streams, events, files, pages

export type { Download, DownloadOptions } from "./stream/download.ts";
export { ServerSentEvent } from "./stream/event-stream.ts";
export type { Fetch } from "./stream/fetch.ts";
export type { PaginateOptions } from "./stream/paginate.ts";
export type { SseOptions, SseReconnectOptions } from "./stream/sse.ts";

// Answers, and errors

export {
  HttpRateLimitError,
  HttpStatusError,
  type RefusedAnswer,
} from "./errors/status-error.ts";
export { BlockedAddressError, type NetworkOption } from "./guard/guard.ts";
export type { RawHeaders, ResponseHeaders } from "./response/headers.ts";
export { Response, type ResponseInit } from "./response/response.ts";
export { StreamResponse } from "./response/stream-response.ts";
export type { Wire, WireController, WireHandler, WireRequest } from "./wire/wire.ts";

// API clients, typed by what `npx @net/http generate` writes

export {
  type ApiClient,
  type ApiMethod,
  type ApiOperation,
  createApiClient,
} from "./api/client.ts";
export type {
  ApiDescription,
  OperationDescription,
  ParameterForm,
  ParameterForms,
  ParameterLocation,
} from "./api/description.ts";
export type { ApiEvents } from "./api/events.ts";
export type {
  ApiAnswer,
  ApiHttp,
  ApiRequestOptions,
  ApiResponse,
  ApiStreamOptions,
  ApiStreamResponse,
} from "./api/http.ts";
export type { ApiCallOptions, ApiInit, HttpMethod } from "./api/operation-types.ts";
export type { ApiFailure, ApiResult, ApiSuccess } from "./api/result-types.ts";
