import {
  NetworkError,
  type NetworkErrorOptions,
  parseRetryAfterMs,
  RateLimitError,
} from "@net/core";
import type { Response } from "./response.ts";
import { withoutQuery } from "./url.ts";

export interface HttpStatusErrorOptions extends NetworkErrorOptions {
  /** How long the server asks to wait before a retry. */
  readonly retryAfterMs?: number | undefined;
}

/** An answer outside 200–299, where the caller asked for an error. Code `HTTP_STATUS`. */
export class HttpStatusError extends NetworkError {
  static override readonly kind: string = "HttpStatusError";

  /** The answer. Not part of `toJSON`: it may be long, and private. */
  declare readonly response: Response;

  constructor(response: Response, options: HttpStatusErrorOptions = {}) {
    const { retryAfterMs, ...rest } = options;
    const { method, url, status } = response;
    super("HTTP_STATUS", `${method} ${withoutQuery(url)} was answered with status ${status}`, {
      retryable: isTransient(status),
      ...rest,
      details: { ...rest.details, status, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    });
    Object.defineProperty(this, "response", { value: response });
  }

  get status(): number {
    return this.details.status as number;
  }

  /** How long the server asks to wait before a retry, if it does. */
  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs as number | undefined;
  }
}

/** Answers that another try may change: 408, 425, 429 and 5xx. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** The error of an answer that is none: for 429 a `RateLimitError` with the {@link HttpStatusError} as its cause. */
export function statusError(response: Response, nowMs: number): HttpStatusError | RateLimitError {
  const waitMs = parseRetryAfterMs(response.headers["retry-after"], nowMs);
  const error = new HttpStatusError(response, { retryAfterMs: waitMs });
  if (response.status !== 429) return error;
  return new RateLimitError(error.message, {
    cause: error,
    details: { status: 429 },
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
}

/** The answer in an error that {@link statusError} made. */
export function responseOf(error: unknown): Response | undefined {
  const status = RateLimitError.is(error) ? error.cause : error;
  return HttpStatusError.is(status) ? status.response : undefined;
}
