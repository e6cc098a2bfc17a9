import { type Logger, NetworkError, RateLimitError, toNetworkError } from "@net/core";
import type { RouteReply } from "./route.ts";
import { statusOf } from "./statuses.ts";

export interface ErrorReply extends Required<RouteReply> {
  readonly headers: Readonly<Record<string, string>>;
}

const HTTP_INTERNAL_ERROR = 500;

/**
 * What a client is told about a failure: `{ error: SerializedError }`. Causes and stacks stay here, and of what
 * is our own fault it learns nothing but that; the log has the rest.
 */
export function errorReply(error: unknown, logger: Logger): ErrorReply {
  const known = toNetworkError(error);
  const status = statusOf(known);
  if (status < HTTP_INTERNAL_ERROR) return reply(status, known);
  logger.error({ error }, "a request failed");
  return reply(status, status === HTTP_INTERNAL_ERROR ? ownFault() : known);
}

function ownFault(): NetworkError {
  return new NetworkError("INTERNAL", "the server failed; its log says why");
}

function reply(status: number, error: NetworkError): ErrorReply {
  const { cause: _, ...serialized } = error.toJSON();
  return { status, headers: headersOf(status, error), body: { error: serialized } };
}

function headersOf(status: number, error: NetworkError): Readonly<Record<string, string>> {
  if (status === 401) return { "www-authenticate": "Bearer" };
  const retryAfterMs = RateLimitError.is(error) ? error.retryAfterMs : undefined;
  return retryAfterMs === undefined
    ? {}
    : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
}
