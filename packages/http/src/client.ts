import {
  AbortedError,
  ClosedError,
  exponential,
  linkSignals,
  NetworkTimeoutError,
  retry,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { encodeBody } from "./body.ts";
import { Connections } from "./connections.ts";
import type { WireRequest } from "./exchange.ts";
import { mergeHeaders, responseHeaders } from "./headers.ts";
import {
  checkedTimeout,
  type HTTPClientOptions,
  type RequestData,
  type RequestOptions,
  type Settings,
  settings,
} from "./options.ts";
import { Response } from "./response.ts";
import { isTransient, responseOf, statusError } from "./status-error.ts";
import { parseBaseUrl, resolveUrl, withoutQuery } from "./url.ts";

/** Sending one of these twice is as good as once (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
]);

const methodGrammar = /^[A-Z][A-Z-]*$/;

/** One call, checked: what goes on the wire, and for how long. */
interface Call {
  readonly wire: WireRequest;
  readonly timeout: number;
  readonly throwOnError: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * An HTTP client over kept-alive connections.
 *
 * A call has one deadline, `timeout`, for all its tries. 408, 425, 429, 5xx and failed connections are tried
 * again if the method is idempotent; a `Retry-After` is obeyed, and when it lies beyond the deadline the
 * answer is returned at once. An answer outside 2xx is returned like any other unless `throwOnError` is set;
 * no answer is always an error. Redirects are not followed.
 *
 * Every call rejects with a `NetworkError`: `ValidationError` before anything was sent, `ConnectionError`,
 * `NetworkTimeoutError` (`DEADLINE_EXCEEDED`), `ProtocolError`, `AbortedError`, `ClosedError`; with
 * `throwOnError` also `HttpStatusError` and `RateLimitError`.
 *
 * @example
 * ```ts
 * await using http = new HTTPClient({ baseUrl: "https://api.example.com", timeout: 10_000 });
 * const response = await http.get("/users", { query: { page: 2 } });
 * if (response.ok) console.log(response.json());
 * ```
 */
export class HTTPClient implements AsyncDisposable {
  readonly #baseUrl: URL | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #closing = new AbortController();

  /** @throws ValidationError if an option is out of range. */
  constructor(options: HTTPClientOptions = {}) {
    this.#settings = settings(options);
    this.#baseUrl = options.baseUrl === undefined ? undefined : parseBaseUrl(options.baseUrl);
    this.#headers = Object.fromEntries(mergeHeaders(options.headers));
    this.#connections = new Connections(this.#settings.clock);
  }

  /** True once {@link HTTPClient.close} was called. */
  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  get(url: string | URL, options?: RequestOptions): Promise<Response> {
    return this.request("GET", url, options);
  }

  post(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response> {
    return this.request("POST", url, { ...options, ...(data !== undefined && { data }) });
  }

  put(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response> {
    return this.request("PUT", url, { ...options, ...(data !== undefined && { data }) });
  }

  delete(url: string | URL, options?: RequestOptions): Promise<Response> {
    return this.request("DELETE", url, options);
  }

  /** Sends any method. */
  async request(
    method: string,
    url: string | URL,
    options: RequestOptions = {},
  ): Promise<Response> {
    if (this.closed) throw closedError();
    const call = this.#prepare(method, url, options);
    using linked = linkSignals([call.signal, this.#closing.signal]);
    try {
      const response = await this.#tries(call, linked.signal);
      if (call.throwOnError && !response.ok) throw this.#statusError(response);
      return response;
    } catch (error) {
      return this.#lastResort(call, error);
    }
  }

  /** Ends every connection and call; they reject with `ClosedError`. Closing twice is once. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await this.#connections[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #prepare(method: string, url: string | URL, options: RequestOptions): Call {
    const body = encodeBody(options.data, options.json);
    const type = body?.type === undefined ? undefined : { "content-type": body.type };
    return {
      wire: {
        method: checkedMethod(method),
        url: resolveUrl(this.#baseUrl, url, options.query),
        headers: mergeHeaders(type, this.#headers, options.headers),
        body: body?.bytes,
      },
      timeout: checkedTimeout(options.timeout ?? this.#settings.timeout),
      throwOnError: options.throwOnError ?? this.#settings.throwOnError,
      signal: options.signal,
    };
  }

  #tries({ wire, timeout }: Call, signal: AbortSignal): Promise<Response> {
    const { maxRetries, retryBackoff, clock, rng } = this.#settings;
    return retry((attempt) => this.#try(wire, attempt.signal), {
      retries: idempotent.has(wire.method) ? maxRetries : 0,
      backoff: exponential({ initial: retryBackoff }),
      deadlineMs: timeout,
      signal,
      clock,
      rng,
    });
  }

  async #try(wire: WireRequest, signal: AbortSignal): Promise<Response> {
    const response = await this.#exchange(wire, signal);
    if (isTransient(response.status)) throw this.#statusError(response);
    return response;
  }

  async #exchange(wire: WireRequest, signal: AbortSignal): Promise<Response> {
    const { maxBodyBytes } = this.#settings;
    const { method, url } = wire;
    try {
      const answer = await this.#connections.exchange(wire, { signal, maxBodyBytes });
      const headers = responseHeaders(answer.headers);
      return new Response({ ...answer, headers, method, url: url.href });
    } catch (error) {
      throw toNetworkError(error, { doing: method, address: withoutQuery(url) });
    }
  }

  #statusError(response: Response): Error {
    return statusError(response, this.#settings.clock.nowMs());
  }

  /** The tries are over: an answer is still an answer, and an error says what was called. */
  #lastResort({ wire, timeout, throwOnError, signal }: Call, error: unknown): Response {
    const response = responseOf(error);
    if (response && !throwOnError) return response;
    if (this.closed && AbortedError.is(error)) throw closedError();
    if (!NetworkTimeoutError.is(error, "DEADLINE_EXCEEDED") || signal?.reason === error)
      throw error;
    const what = `${wire.method} ${withoutQuery(wire.url)}`;
    const message = `cannot ${what}: no answer within ${timeout} ms`;
    throw new NetworkTimeoutError(message, { kind: "deadline", timeoutMs: timeout, cause: error });
  }
}

function checkedMethod(method: string): string {
  const upper = method.toUpperCase();
  if (methodGrammar.test(upper) && upper !== "CONNECT") return upper;
  throw new ValidationError(`${JSON.stringify(method)} is no method that can be requested`);
}

function closedError(): ClosedError {
  return new ClosedError("the HTTP client is closed");
}
