import { NetworkError, type NetworkErrorOptions, RateLimitError } from "@net/core";
import { isTransient } from "../policies/retry.ts";
import { withoutQuery } from "../request/url.ts";
import { type RawHeaders, type ResponseHeaders, responseHeaders } from "../response/headers.ts";
import { decodeText } from "../response/response.ts";

/** An error is kept, logged and passed on: more of a body than this stays behind. */
export const MAX_ERROR_BODY_BYTES: number = 64 * 1024;

/** An answer that is thrown. */
export interface RefusedAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: RawHeaders;
  /** The body; what is over 64 KiB is cut off. */
  readonly content: Uint8Array;
  /** How long the server asks to wait before a retry. */
  readonly retryAfterMs?: number | undefined;
}

/** The parts of an answer that an error shows, but not logs: they may be long, and private. */
interface Shown {
  readonly headers: ResponseHeaders;
  readonly body: Uint8Array;
}

function show(error: Shown, { headers, content }: RefusedAnswer): void {
  Object.defineProperties(error, {
    headers: { value: responseHeaders(headers) },
    // Copied where it is cut, so that the error does not keep the whole.
    body: {
      value:
        content.length > MAX_ERROR_BODY_BYTES ? content.slice(0, MAX_ERROR_BODY_BYTES) : content,
    },
  });
}

function optionsOf(answer: RefusedAnswer, options: NetworkErrorOptions): NetworkErrorOptions {
  const { status, retryAfterMs } = answer;
  const details = {
    ...options.details,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  return { retryable: isTransient(status), ...options, details };
}

function messageOf({ method, url, status }: RefusedAnswer): string {
  return `${method} ${withoutQuery(url)} was answered with status ${status}`;
}

/** An answer outside 200–299, where the caller asked for an error. Code `HTTP_STATUS`. */
export class HttpStatusError extends NetworkError {
  static override readonly kind: string = "HttpStatusError";

  /** The answer's. Not part of `toJSON`. */
  declare readonly headers: ResponseHeaders;
  /** The answer's, its first 64 KiB. Not part of `toJSON`. */
  declare readonly body: Uint8Array;

  constructor(answer: RefusedAnswer, options: NetworkErrorOptions = {}) {
    super("HTTP_STATUS", messageOf(answer), optionsOf(answer, options));
    show(this, answer);
  }

  get status(): number {
    return this.details.status as number;
  }

  /** The body as text. */
  get text(): string {
    return decodeText(this.body, this.headers["content-type"]);
  }

  /** How long the server asks to wait before a retry, if it does. */
  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs as number | undefined;
  }
}

/** A 429, where the caller asked for an error: a `RateLimitError` that carries the answer. Code `RATE_LIMITED`. */
export class HttpRateLimitError extends RateLimitError {
  static override readonly kind: string = "HttpRateLimitError";

  /** The answer's. Not part of `toJSON`. */
  declare readonly headers: ResponseHeaders;
  /** The answer's, its first 64 KiB. Not part of `toJSON`. */
  declare readonly body: Uint8Array;

  constructor(answer: RefusedAnswer, options: NetworkErrorOptions = {}) {
    super(messageOf(answer), optionsOf(answer, options));
    show(this, answer);
  }

  get status(): number {
    return this.details.status as number;
  }

  /** The body as text. */
  get text(): string {
    return decodeText(this.body, this.headers["content-type"]);
  }
}

/** The error of an answer outside 200–299. */
export function statusError(answer: RefusedAnswer): HttpStatusError | HttpRateLimitError {
  return answer.status === 429 ? new HttpRateLimitError(answer) : new HttpStatusError(answer);
}
