import { Caller } from "./call/caller.ts";
import type {
  RequestOptions,
  SchemaRequestOptions,
  StreamOptions,
} from "./options/call-options.ts";
import type { HTTPClientOptions } from "./options/client-options.ts";
import type { RequestData } from "./request/body.ts";
import type { Response } from "./response/response.ts";
import type { StreamResponse } from "./response/stream-response.ts";
import { type Download, type DownloadOptions, downloadTo } from "./stream/download.ts";
import type { ServerSentEvent } from "./stream/event-stream.ts";
import { type Fetch, fetchOver } from "./stream/fetch.ts";
import { type PaginateOptions, readPages } from "./stream/paginate.ts";
import { readEvents, type SseContext, type SseOptions } from "./stream/sse.ts";

/**
 * An HTTP client over kept-alive connections.
 *
 * A call has one deadline, `timeout`, for all its tries. 408, 425, 429, 5xx and failed connections are tried
 * again if that does no harm; what the server says about when is obeyed, and when it lies beyond the deadline the
 * answer is returned at once. Redirects are followed. An answer outside 2xx is returned like any other unless
 * `throwOnError` is set; no answer is always an error.
 *
 * Every call rejects with a `NetworkError`: `ValidationError` before anything was sent, `ConnectionError`,
 * `NetworkTimeoutError`, `ProtocolError`, `AbortedError`, `ClosedError`; with `throwOnError` also `HttpStatusError` and
 * `HttpRateLimitError`. Each says in `attempts` how many requests were made.
 *
 * @example
 * ```ts
 * await using http = new HTTPClient({ baseUrl: "https://api.example.com", timeout: 10_000 });
 * const response = await http.get("/users", { query: { page: 2 } });
 * if (response.ok) console.log(response.json());
 * ```
 */
export class HTTPClient implements AsyncDisposable {
  readonly #caller: Caller;

  /** @throws ValidationError if an option is out of range. */
  constructor(options: HTTPClientOptions = {}) {
    this.#caller = new Caller(options);
  }

  /** True once {@link HTTPClient.close} was called. */
  get closed(): boolean {
    return this.#caller.isClosed;
  }

  get<T>(url: string | URL, options: SchemaRequestOptions<T>): Promise<Response<T>>;
  get(url: string | URL, options?: RequestOptions): Promise<Response>;
  get(url: string | URL, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole("GET", url, undefined, options);
  }

  head(url: string | URL, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole("HEAD", url, undefined, options);
  }

  post<T>(
    url: string | URL,
    data: RequestData | undefined,
    options: SchemaRequestOptions<T>,
  ): Promise<Response<T>>;
  post(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response>;
  post(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole("POST", url, data, options);
  }

  put<T>(
    url: string | URL,
    data: RequestData | undefined,
    options: SchemaRequestOptions<T>,
  ): Promise<Response<T>>;
  put(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response>;
  put(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole("PUT", url, data, options);
  }

  patch<T>(
    url: string | URL,
    data: RequestData | undefined,
    options: SchemaRequestOptions<T>,
  ): Promise<Response<T>>;
  patch(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response>;
  patch(url: string | URL, data?: RequestData, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole("PATCH", url, data, options);
  }

  delete<T>(url: string | URL, options: SchemaRequestOptions<T>): Promise<Response<T>>;
  delete(url: string | URL, options?: RequestOptions): Promise<Response>;
  delete(url: string | URL, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole("DELETE", url, undefined, options);
  }

  /** Sends any method. */
  request<T>(
    method: string,
    url: string | URL,
    options: SchemaRequestOptions<T>,
  ): Promise<Response<T>>;
  request(method: string, url: string | URL, options?: RequestOptions): Promise<Response>;
  request(method: string, url: string | URL, options?: RequestOptions): Promise<Response> {
    return this.#caller.whole(method, url, undefined, options);
  }

  /**
   * Gives the answer as soon as its head is there; its body comes as it is read. Tried again only until then. The
   * client's total time-out ends there too; silence in the body is a time-out after `idle`, 60 s unless said otherwise.
   */
  stream(url: string | URL, options: StreamOptions = {}): Promise<StreamResponse> {
    return this.#caller.stream(url, options);
  }

  /**
   * The events of an event stream (`text/event-stream`), as they come. The request goes out when the first is asked for;
   * leaving the loop ends it. Anything but an event stream is an error.
   *
   * @example
   * ```ts
   * for await (const { data } of http.sse("/v1/chat/completions", { method: "POST", json })) console.log(data);
   * ```
   */
  sse(
    url: string | URL,
    options: SseOptions = {},
  ): AsyncGenerator<ServerSentEvent, void, undefined> {
    return readEvents(this.#context, url, options);
  }

  /**
   * Downloads to a file, which appears whole or not at all; a connection that breaks is made again for the rest. Rejects
   * as other calls with `throwOnError`, and where the file cannot be written.
   */
  download(url: string | URL, path: string, options: DownloadOptions = {}): Promise<Download> {
    return downloadTo(this.#context, url, path, options);
  }

  /**
   * The pages of a list, one after the other, following `Link: <…>; rel="next"` or what `next` says; to another origin
   * only with `allowAbsoluteUrls`. Leaving the loop asks for no more.
   */
  paginate(
    url: string | URL,
    options: PaginateOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    return readPages((at, request) => this.get(at, request), url, options);
  }

  /** A `fetch` in the shape of the platform's over this client, for libraries that take one. Needs no `this`. */
  readonly fetch: Fetch = fetchOver((url, options) => this.stream(url, options));

  /** Ends every connection and call; they reject with `ClosedError`. Closing twice is once. */
  close(): Promise<void> {
    return this.#caller.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #context(): SseContext {
    const { clock, rng, call } = this.#caller.settings;
    const { maxBodyBytes } = call;
    return { stream: (url, options) => this.stream(url, options), clock, rng, maxBodyBytes };
  }
}
