/**
 * `@net/http`: an HTTP client whose time-outs fire when they say and whose retries are right, over undici. For Node.
 *
 * @module
 */

export { HTTPClient } from "./client.ts";
export { createHttpClient, getHttpClient } from "./default-client.ts";
export type { ResponseHeaders } from "./headers.ts";
export type { HTTPClientOptions, RequestData, RequestOptions } from "./options.ts";
export { Response, type ResponseInit } from "./response.ts";
export { HttpStatusError, type HttpStatusErrorOptions } from "./status-error.ts";
export type { Query, QueryValue } from "./url.ts";
