import { ClosedError, type NetworkError, toNetworkError } from "@net/core";
import { addFacts } from "../errors/facts.ts";
import { MAX_ERROR_BODY_BYTES, statusError } from "../errors/status-error.ts";
import { Guard } from "../guard/guard.ts";
import { Observer } from "../observe/observer.ts";
import type {
  RequestOptions,
  SchemaRequestOptions,
  StreamOptions,
} from "../options/call-options.ts";
import type { HTTPClientOptions } from "../options/client-options.ts";
import { clientSettings, type Settings } from "../options/settings.ts";
import { composed } from "../policies/compose.ts";
import { retryAfterMsOf } from "../policies/pushback.ts";
import type { Sender } from "../policies/send.ts";
import type { RequestData } from "../request/body.ts";
import { parseBaseUrl, withoutQuery } from "../request/url.ts";
import { responseHeaders } from "../response/headers.ts";
import { Response } from "../response/response.ts";
import { StreamResponse } from "../response/stream-response.ts";
import { type Answer, readUpTo } from "../wire/answer.ts";
import { BodyStream } from "../wire/body-stream.ts";
import { Connections } from "../wire/connections.ts";
import type { Wire } from "../wire/wire.ts";
import type { Call } from "./call.ts";
import { inTime } from "./in-time.ts";
import { Preparer } from "./prepare.ts";

/** Makes the calls of one client, whole or as streams; the client's methods are names for these two. */
export class Caller {
  readonly settings: Settings;
  readonly #wire: Wire;
  readonly #preparer: Preparer;
  readonly #send: Sender;
  #isClosed = false;

  /** @throws ValidationError if an option is out of range. */
  constructor(options: HTTPClientOptions) {
    this.settings = clientSettings(options);
    const { call, clock, rng } = this.settings;
    const { network = "any", lookup, hooks, logger, tracing } = options;
    const guard = network === "any" ? undefined : new Guard(network, lookup);
    const observer = new Observer({ hooks, logger, tracing, clock });
    this.#preparer = new Preparer({
      baseUrl: options.baseUrl === undefined ? undefined : parseBaseUrl(options.baseUrl),
      allowAbsoluteUrls: options.allowAbsoluteUrls ?? false,
      headers: options.headers,
      settings: call,
      clock,
    });
    const connectTimeout = call.timeouts.connect;
    this.#wire = options.wire ?? new Connections({ ...options, clock, connectTimeout, guard });
    const isBehindProxy = options.proxy !== undefined;
    const policies = { ...options, wire: this.#wire, clock, rng, guard, observer, isBehindProxy };
    this.#send = composed(policies);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A call whose answer is given whole. */
  async whole(
    method: string,
    url: string | URL,
    data: RequestData | undefined,
    options: RequestOptions & Partial<SchemaRequestOptions<unknown>> = {},
  ): Promise<Response> {
    this.#throwIfClosed();
    const { call, send } = this.#preparer.prepare(method, url, data, options, false);
    try {
      const answer = await this.#send(call, send);
      const response = wholeResponse(call, answer);
      if (response.ok) {
        const { schema } = options;
        return schema ? await inTime(response.checked(schema), call.signal) : response;
      }
      if (call.settings.throwOnError) await this.#refuse(call, answer);
      return response;
    } catch (error) {
      throw explained(call, error);
    } finally {
      call[Symbol.dispose]();
    }
  }

  /** A call whose answer is given as soon as its head is there. */
  async stream(url: string | URL, options: StreamOptions): Promise<StreamResponse> {
    const { method = "GET" } = options;
    this.#throwIfClosed();
    const { call, send } = this.#preparer.prepare(method, url, undefined, options, true);
    try {
      const answer = await this.#send(call, send);
      const response = this.#streamResponse(call, answer, options.maxBodyBytes);
      if (call.settings.throwOnError && !response.ok) await this.#refuse(call, answer);
      if (!call.settings.timeouts.isTotalOwn) call.withoutDeadline();
      call.give();
      return response;
    } catch (error) {
      const failure = explained(call, error);
      // Also of an answer that was not to be followed or given: nobody reads its body.
      call.fail(failure);
      throw failure;
    }
  }

  /** Ends every connection and call. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of this.#preparer.running) call.fail(closedError());
    await this.#wire.destroy(closedError());
  }

  #streamResponse(call: Call, answer: Answer, maxBodyBytes?: number): StreamResponse {
    const { method, location, target } = call;
    return new StreamResponse({
      method,
      url: location.href,
      status: answer.status,
      headers: responseHeaders(answer.headers),
      redirected: location !== target,
      body: answer.body ?? endedStream(),
      maxBodyBytes: maxBodyBytes ?? this.settings.call.maxBodyBytes,
    });
  }

  /** @throws HttpStatusError or HttpRateLimitError */
  async #refuse(call: Call, { status, headers, content, body }: Answer): Promise<never> {
    const { method, location } = call;
    const retryAfterMs = retryAfterMsOf(headers, this.settings.clock.nowMs());
    const shown = body ? await readUpTo(body, MAX_ERROR_BODY_BYTES) : content;
    throw statusError({
      method,
      url: location.href,
      status,
      headers,
      content: shown,
      retryAfterMs,
    });
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw closedError();
  }
}

function wholeResponse({ method, location, target }: Call, answer: Answer): Response {
  const { status, headers, content } = answer;
  const redirected = location !== target;
  return new Response({ method, url: location.href, status, headers, content, redirected });
}

/** The error as the caller gets it: why the call ended, if it was ended, and how often it was tried. */
function explained(call: Call, error: unknown): NetworkError {
  const context = { doing: call.method, address: withoutQuery(call.location.href) };
  const { attempts } = call;
  return addFacts(call.failure ?? toNetworkError(error, context), { attempts });
}

function endedStream(): BodyStream {
  const nothing = (): void => {};
  const stream = new BodyStream({ pause: nothing, resume: nothing, cancel: nothing });
  stream.end();
  return stream;
}

function closedError(): ClosedError {
  return new ClosedError("the HTTP client is closed");
}
