import { ProtocolError, type ProtocolErrorOptions } from "@net/core";
import { withoutQuery } from "./url.ts";

/** A request as it goes on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | Uint8Array | undefined;
}

/** An answer as it came from the wire. */
export interface WireResponse {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly content: Uint8Array;
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The side of the connection that can be told to stop. */
interface Stoppable {
  abort(reason: Error): void;
}

/**
 * One request's answer, collected. Its `on…` methods are called by the connection; {@link Exchange.fail} by
 * whoever has no more time for it.
 */
export class Exchange {
  readonly #answer = Promise.withResolvers<WireResponse>();
  readonly #request: WireRequest;
  readonly #maxBodyBytes: number;
  #connection: Stoppable | undefined;
  #failure: Error | undefined;
  #status = 0;
  #headers: RawHeaders = {};
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(request: WireRequest, maxBodyBytes: number) {
    this.#request = request;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** The whole answer, or why there is none. */
  get answer(): Promise<WireResponse> {
    return this.#answer.promise;
  }

  /** Ends it; its connection, which may be in the middle of a body, is not used again. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#answer.reject(this.#failure);
    this.#connection?.abort(this.#failure);
  }

  onRequestStart(connection: Stoppable): void {
    this.#connection = connection;
    if (this.#failure) connection.abort(this.#failure);
  }

  onResponseStart(_connection: Stoppable, status: number, headers: RawHeaders): void {
    // 1xx: the answer is still to come.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (this.#hasBody()) this.#limit(Number(headers["content-length"] ?? 0));
  }

  onResponseData(_connection: Stoppable, chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    this.#limit(this.#length);
    if (!this.#failure) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const content = join(this.#chunks, this.#length);
    this.#answer.resolve({ status: this.#status, headers: this.#headers, content });
  }

  onResponseError(_connection: Stoppable, error: Error): void {
    this.#answer.reject(error);
  }

  /** RFC 9110 §6.4.1: these carry a `content-length` about a body that is not there. */
  #hasBody(): boolean {
    return this.#request.method !== "HEAD" && this.#status !== 304;
  }

  #limit(bytes: number): void {
    if (bytes <= this.#maxBodyBytes) return;
    const text = `its body is over maxBodyBytes, ${this.#maxBodyBytes}`;
    this.fail(badAnswer(this.#request, text, { code: "FRAME_TOO_LARGE" }));
  }
}

/** The server answered, but so that the answer cannot be taken. */
function badAnswer(
  { method, url }: WireRequest,
  text: string,
  options?: ProtocolErrorOptions,
): ProtocolError {
  return new ProtocolError(`bad answer to ${method} ${withoutQuery(url)}: ${text}`, options);
}

/** Copies: a chunk is a view of a far larger read buffer, which a small body must not keep alive. */
function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const content = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    content.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return content;
}
