import { TextDecoder } from "node:util";
import { ProtocolError, type Schema, validate } from "@net/core";
import { withoutQuery } from "../request/url.ts";
import { type RawHeaders, type ResponseHeaders, responseHeaders } from "./headers.ts";

/** What a {@link Response} is made of. */
export interface ResponseInit {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: RawHeaders;
  readonly content: Uint8Array;
  /** It came from elsewhere than was asked. Default false. */
  readonly redirected?: boolean | undefined;
}

const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i;
const jsonType = /^[^;]*[/+]json\s*(;|$)/i;

/** A whole answer: its body has arrived. `T` is what its JSON is, where a schema said so. */
export class Response<T = unknown> {
  readonly method: string;
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly status: number;
  /** It came from elsewhere than was asked. */
  readonly redirected: boolean;
  /** The body, decompressed unless that was not wanted. */
  readonly content: Uint8Array;
  readonly #raw: RawHeaders;
  #headers: ResponseHeaders | undefined;
  #text: string | undefined;
  #checked: { readonly value: T } | undefined;

  constructor(init: ResponseInit) {
    this.method = init.method;
    this.url = init.url;
    this.status = init.status;
    this.redirected = init.redirected ?? false;
    this.content = init.content;
    this.#raw = init.headers;
  }

  /** The same as {@link Response.status}. */
  get statusCode(): number {
    return this.status;
  }

  /** True for 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): ResponseHeaders {
    this.#headers ??= responseHeaders(this.#raw);
    return this.#headers;
  }

  /** The body as text, in the charset its `content-type` names, else UTF-8. */
  get text(): string {
    this.#text ??= decodeText(this.content, this.#contentType);
    return this.#text;
  }

  /** The body's value if its `content-type` says JSON and it is JSON, else undefined. */
  get jsonData(): T | undefined {
    if (!jsonType.test(this.#contentType)) return undefined;
    try {
      return this.json();
    } catch {
      // Asked whether there is JSON, the answer is no; `json()` says why.
      return undefined;
    }
  }

  /**
   * The body's value, whatever its `content-type`: as the call's schema made it, if the status is 200 to 299 and there
   * was one, else as it came.
   *
   * @throws ProtocolError if it is not JSON.
   */
  json(): T {
    if (this.#checked) return this.#checked.value;
    try {
      return JSON.parse(this.text) as T;
    } catch (cause) {
      throw new ProtocolError(`the answer to ${this.#what} is not JSON`, { cause });
    }
  }

  /**
   * The same answer, its JSON checked; `json()` gives what the schema made of it.
   *
   * @throws ValidationError with an issue per fault; ProtocolError if it is not JSON.
   */
  async checked<Output>(schema: Schema<Output>): Promise<Response<Output>> {
    const value = await validate(schema, this.json(), `the answer to ${this.#what}`);
    const { method, url, status, redirected, content } = this;
    const headers = this.#raw;
    const checked = new Response<Output>({ method, url, status, redirected, content, headers });
    checked.#checked = { value };
    return checked;
  }

  get #contentType(): string {
    return String(this.#raw["content-type"] ?? "");
  }

  get #what(): string {
    return `${this.method} ${withoutQuery(this.url)} (status ${this.status})`;
  }
}

const utf8 = new TextDecoder();

/** Text in the charset that a `content-type` names, else UTF-8. */
export function decodeText(content: Uint8Array, contentType = ""): string {
  const label = charset.exec(contentType)?.[1];
  if (label === undefined) return utf8.decode(content);
  try {
    return new TextDecoder(label).decode(content);
  } catch {
    // A charset that nobody knows: UTF-8 shows most of it.
    return utf8.decode(content);
  }
}
