import { Readable } from "node:stream";
import { ProtocolError } from "@net/core";
import { withoutQuery } from "../request/url.ts";
import { joined } from "../wire/answer.ts";
import type { BodyStream } from "../wire/body-stream.ts";
import type { ResponseHeaders } from "./headers.ts";
import { decodeText } from "./response.ts";

export interface StreamResponseInit {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly redirected: boolean;
  readonly body: BodyStream;
  /** Collecting more than this is refused. */
  readonly maxBodyBytes: number;
}

/**
 * An answer whose body is still coming, for one reader. Read it to its end, or close it: until then it holds a
 * connection.
 *
 * @example
 * ```ts
 * await using answer = await http.stream("/export");
 * for await (const chunk of answer) process(chunk);
 * ```
 */
export class StreamResponse implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly method: string;
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** It came from elsewhere than was asked. */
  readonly redirected: boolean;
  readonly #body: BodyStream;
  readonly #maxBodyBytes: number;

  constructor(init: StreamResponseInit) {
    this.method = init.method;
    this.url = init.url;
    this.status = init.status;
    this.headers = init.headers;
    this.redirected = init.redirected;
    this.#body = init.body;
    this.#maxBodyBytes = init.maxBodyBytes;
  }

  /** The same as {@link StreamResponse.status}. */
  get statusCode(): number {
    return this.status;
  }

  /** True for 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body's pieces as they come; leaving the loop closes it. Throws a `NetworkError` where the rest does not come. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.#body;
  }

  /** The body as a stream of Node. */
  toReadable(): Readable {
    return Readable.from(this.#body, { objectMode: false });
  }

  /** The body as a stream of the web platform. */
  toWebStream(): ReadableStream<Uint8Array> {
    const body = this.#body;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await body.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => void (await body.return()),
      },
      { highWaterMark: 0 },
    );
  }

  /** The whole body. @throws ProtocolError if it is over `maxBodyBytes`, the call's or else the client's. */
  async bytes(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#body) {
      length += chunk.byteLength;
      if (length > this.#maxBodyBytes) throw this.#tooLarge();
      chunks.push(chunk);
    }
    return joined(chunks, length);
  }

  /** The whole body as text, in the charset its `content-type` names, else UTF-8. */
  async text(): Promise<string> {
    return decodeText(await this.bytes(), this.headers["content-type"]);
  }

  /** The whole body's value. @throws ProtocolError if it is not JSON. */
  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new ProtocolError(`the answer to ${this.#what} is not JSON`, { cause });
    }
  }

  /** The body's lines, without their ends, as they come: for newline-delimited JSON. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder();
    // A long line in small pieces is put together once, at its end.
    let pending: string[] = [];
    let length = 0;
    for await (const chunk of this.#body) {
      const [first = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
      pending.push(first);
      length += first.length;
      if (length > this.#maxBodyBytes) throw this.#tooLarge();
      for (const next of more) {
        yield withoutReturn(pending.join(""));
        pending = [next];
        length = next.length;
      }
    }
    const rest = pending.join("") + decoder.decode();
    if (rest !== "") yield withoutReturn(rest);
  }

  /** Ends it; its connection too, if not all had come. Closing twice is once. */
  async close(): Promise<void> {
    await this.#body.return();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #what(): string {
    return `${this.method} ${withoutQuery(this.url)} (status ${this.status})`;
  }

  #tooLarge(): ProtocolError {
    const message = `the answer to ${this.#what} is over maxBodyBytes, ${this.#maxBodyBytes}`;
    return new ProtocolError(message, { code: "FRAME_TOO_LARGE" });
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
