import { TextDecoder } from "node:util";
import { ProtocolError } from "@net/core";
import type { ResponseHeaders } from "./headers.ts";
import { withoutQuery } from "./url.ts";

/** What a {@link Response} is made of. */
export interface ResponseInit {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly content: Uint8Array;
}

const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i;
const jsonType = /^[^;]*[/+]json\s*(;|$)/i;

/** A whole answer: its body has arrived. */
export class Response {
  readonly method: string;
  /** Where it came from. */
  readonly url: string;
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The body as it came; a compressed one is still compressed. */
  readonly content: Uint8Array;
  #text: string | undefined;

  constructor(init: ResponseInit) {
    this.method = init.method;
    this.url = init.url;
    this.status = init.status;
    this.headers = init.headers;
    this.content = init.content;
  }

  /** The same as {@link Response.status}. */
  get statusCode(): number {
    return this.status;
  }

  /** True for 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as text, in the charset its `content-type` names, else UTF-8. */
  get text(): string {
    this.#text ??= decoder(this.headers["content-type"]).decode(this.content);
    return this.#text;
  }

  /** The body's value if its `content-type` says JSON and it is JSON, else undefined. */
  get jsonData(): unknown {
    if (!jsonType.test(this.headers["content-type"] ?? "")) return undefined;
    try {
      return this.json();
    } catch {
      // Asked whether there is JSON, the answer is no; `json()` says why.
      return undefined;
    }
  }

  /** The body's value, whatever its `content-type`. @throws ProtocolError if it is not JSON. */
  json(): unknown {
    try {
      return JSON.parse(this.text) as unknown;
    } catch (cause) {
      const what = `${this.method} ${withoutQuery(this.url)} (status ${this.status})`;
      throw new ProtocolError(`the answer to ${what} is not JSON`, { cause });
    }
  }
}

function decoder(contentType = ""): TextDecoder {
  const label = charset.exec(contentType)?.[1];
  try {
    return new TextDecoder(label);
  } catch {
    // A charset that nobody knows: UTF-8 shows most of it.
    return new TextDecoder();
  }
}
