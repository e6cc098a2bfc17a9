import { HTTPClient } from "./client.ts";
import type { HTTPClientOptions } from "./options/client-options.ts";

let shared: HTTPClient | undefined;

/** A client of one's own. The same as `new HTTPClient(options)`. */
export function createHttpClient(options: HTTPClientOptions = {}): HTTPClient {
  return new HTTPClient(options);
}

/**
 * One client for the whole process, with the defaults, made at the first call, and made anew once somebody closed
 * it. Its idle connections do not keep the process alive.
 */
export function getHttpClient(): HTTPClient {
  if (!shared || shared.closed) shared = new HTTPClient();
  return shared;
}
