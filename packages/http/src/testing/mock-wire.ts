import { type Clock, sleep, systemClock, ValidationError } from "@net/core";
import { HTTPClient } from "../client.ts";
import type { HTTPClientOptions } from "../options/client-options.ts";
import type { Wire, WireController, WireHandler, WireRequest } from "../wire/wire.ts";
import { MockRequest, readBody } from "./mock-request.ts";

/** How a mocked request is answered. */
export interface MockReply {
  /** Default 200. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The body, as JSON. */
  readonly json?: unknown;
  /** The body; pieces come one after the other. */
  readonly body?:
    | string
    | Uint8Array
    | Iterable<string | Uint8Array>
    | AsyncIterable<string | Uint8Array>
    | undefined;
  /** Before the answer begins, in ms of the client's clock. */
  readonly delay?: number | undefined;
  /** No answer: nobody listens, or the connection breaks, after the body if there is one. */
  readonly error?: "refused" | "reset" | undefined;
}

/** An answer, or what makes it. */
export type MockAnswer = MockReply | ((request: MockRequest) => MockReply | Promise<MockReply>);

interface Route {
  readonly method: string;
  readonly url: string | RegExp;
  readonly answers: readonly MockAnswer[];
  used: number;
}

const ORIGIN = "http://mock.example";

/**
 * Answers a client's requests without a server or a socket: everything of the client is real but the connections. A
 * request that no answer is there for fails with `INVALID_ARGUMENT` and a list of those there are.
 *
 * @example
 * ```ts
 * const mock = new MockWire();
 * mock.on("GET", "/users", { status: 503 }, { json: [{ id: 1 }] });
 * await using http = mock.client();
 * expect((await http.get("/users")).json()).toEqual([{ id: 1 }]);
 * expect(mock.requests).toHaveLength(2);
 * ```
 */
export class MockWire implements Wire {
  /** Everything that was asked, in order. */
  readonly requests: MockRequest[] = [];
  readonly #routes: Route[] = [];
  #clock: Clock = systemClock;

  /**
   * Answers a method and URL: a path at `http://mock.example` or a whole URL, both with or without the query, or an
   * expression for the whole URL. Several answers are given in turn, the last for ever.
   */
  on(method: string, url: string | RegExp, ...answers: readonly MockAnswer[]): this {
    const whole = typeof url === "string" && url.startsWith("/") ? ORIGIN + url : url;
    this.#routes.push({ method: method.toUpperCase(), url: whole, answers, used: 0 });
    return this;
  }

  /** A client whose requests come here; its `baseUrl` is `http://mock.example` unless said otherwise. */
  client(options: HTTPClientOptions = {}): HTTPClient {
    this.#clock = options.clock ?? systemClock;
    return new HTTPClient({ baseUrl: ORIGIN, ...options, wire: this });
  }

  dispatch(request: WireRequest, handler: WireHandler): void {
    void this.#run(request, handler, new Conversation(handler));
  }

  async destroy(): Promise<void> {}

  async #run(request: WireRequest, handler: WireHandler, talk: Conversation): Promise<void> {
    try {
      const asked = new MockRequest(request, await readBody(request.body, handler));
      this.requests.push(asked);
      const reply = await this.#replyTo(asked);
      if (reply.error === "refused") throw systemError("ECONNREFUSED", "connect");
      talk.begin();
      const { delay = 0 } = reply;
      if (delay > 0) await sleep(delay, { signal: talk.signal, clock: this.#clock });
      await talk.answer(reply);
    } catch (error) {
      talk.fail(error);
    }
  }

  async #replyTo(request: MockRequest): Promise<MockReply> {
    const route = this.#routes.find(
      ({ method, url }) => method === request.method && isFor(url, request.url),
    );
    const answer = route?.answers[Math.min(route.used++, route.answers.length - 1)];
    if (answer) return typeof answer === "function" ? await answer(request) : answer;
    const known = this.#routes.map(({ method, url }) => `${method} ${url}`).join(", ") || "none";
    throw new ValidationError(
      `there is no mocked answer to ${request.method} ${request.url}, only to: ${known}`,
    );
  }
}

/** One request's side of the connection. */
class Conversation implements WireController {
  readonly #handler: WireHandler;
  readonly #aborting = new AbortController();
  #resumed: PromiseWithResolvers<void> | undefined;
  #isOver = false;

  constructor(handler: WireHandler) {
    this.#handler = handler;
  }

  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  begin(): void {
    this.#handler.onRequestStart(this);
  }

  async answer(reply: MockReply): Promise<void> {
    const {
      status = 200,
      headers = {},
      json,
      body = json === undefined ? "" : JSON.stringify(json),
    } = reply;
    const type = json === undefined ? {} : { "content-type": "application/json" };
    if (reply.error && reply.body === undefined) throw systemError("ECONNRESET", "read");
    this.signal.throwIfAborted();
    this.#handler.onResponseStart(this, status, { ...type, ...lowerCased(headers) });
    for await (const chunk of typeof body === "string" || body instanceof Uint8Array
      ? [body]
      : body) {
      await this.#resumed?.promise;
      this.signal.throwIfAborted();
      if (chunk.length > 0) this.#handler.onResponseData(this, Buffer.from(chunk));
    }
    if (reply.error) throw systemError("ECONNRESET", "read");
    this.signal.throwIfAborted();
    this.#isOver = true;
    this.#handler.onResponseEnd(this, {});
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseError(this, error instanceof Error ? error : new Error(String(error)));
  }

  abort(reason: Error): void {
    this.#resumed?.resolve();
    this.#aborting.abort(reason);
    this.fail(reason);
  }

  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }
}

function isFor(pattern: string | RegExp, url: string): boolean {
  // Unlike `test`, `search` looks at the whole also where the expression is global.
  if (typeof pattern !== "string") return url.search(pattern) !== -1;
  return url === pattern || url.split("?", 1)[0] === pattern;
}

function lowerCased(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}
