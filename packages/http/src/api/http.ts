/** What a client sends with. Every `HTTPClient` is one. */
export interface ApiHttp {
  request(method: string, url: string, options: ApiRequestOptions): Promise<ApiResponse>;
  /** Gives the answer as soon as its head is there: for event streams. */
  stream(url: string, options: ApiStreamOptions): Promise<ApiStreamResponse>;
}

/** How a client asks for a request to be sent. */
export interface ApiRequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string | Uint8Array | URLSearchParams | Blob | FormData;
  readonly throwOnError: false;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: true | string;
}

export interface ApiStreamOptions extends ApiRequestOptions {
  readonly method: string;
}

/** An answer, whatever its status. */
export interface ApiAnswer {
  readonly method: string;
  readonly status: number;
  /** Where it came from. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A whole answer. */
export interface ApiResponse extends ApiAnswer {
  readonly content: Uint8Array;
  readonly text: string;
  json(): unknown;
}

/** An answer whose body is still coming. */
export interface ApiStreamResponse extends ApiAnswer, AsyncIterable<Uint8Array>, AsyncDisposable {
  /** The whole body. */
  bytes(): Promise<Uint8Array>;
}
