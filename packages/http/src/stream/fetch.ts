import { AbortedError } from "@net/core";
import type { StreamOptions } from "../options/call-options.ts";
import type { RawBody } from "../request/body.ts";
import type { StreamResponse } from "../response/stream-response.ts";

/** The shape of the platform's `fetch`. */
export type Fetch = typeof globalThis.fetch;

/** Answers with these have no body, and the platform's `Response` refuses one. */
const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * A `fetch` over this client: its retries, time-outs, guard and connections, for libraries that take a `fetch`. It rejects
 * with our errors, but with the signal's reason where that aborted, as the platform's does.
 */
export function fetchOver(
  stream: (url: string | URL, options: StreamOptions) => Promise<StreamResponse>,
): Fetch {
  return async (input, init = {}) => {
    const { url, options, signal } = await requestOf(input, init);
    try {
      return platformResponse(await stream(url, options));
    } catch (error) {
      if (AbortedError.is(error) && signal?.aborted) throw signal.reason;
      throw error;
    }
  };
}

type Input = Parameters<Fetch>[0];

interface FetchRequest {
  readonly url: string | URL;
  readonly options: StreamOptions;
  readonly signal: AbortSignal | undefined;
}

async function requestOf(input: Input, init: RequestInit): Promise<FetchRequest> {
  const isRequest = typeof input === "object" && "url" in input;
  const request: RequestInit = isRequest ? { ...partsOf(input), ...init } : init;
  const signal = request.signal ?? undefined;
  const body = isRequest && init.body === undefined ? await bodyOf(input) : init.body;
  return {
    url: isRequest ? input.url : input,
    signal,
    options: {
      method: request.method ?? "GET",
      headers: Object.fromEntries(new Headers(request.headers)),
      ...(body !== null && body !== undefined && { body: body as RawBody }),
      ...(signal && { signal }),
      ...(request.redirect === "manual" && { redirect: false }),
      ...(request.redirect === "error" && { redirect: { max: 0 } }),
      throwOnError: false,
    },
  };
}

function partsOf({ method, headers, signal, redirect }: Request): RequestInit {
  return { method, headers, signal, redirect };
}

/** Whole, so that it can be sent again. */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  return request.body ? new Uint8Array(await request.arrayBuffer()) : undefined;
}

function platformResponse(answer: StreamResponse): Response {
  const { status, headers, url, redirected } = answer;
  const hasBody = !bodiless.has(status) && answer.method !== "HEAD";
  const response = new Response(hasBody ? answer.toWebStream() : null, { status });
  for (const [name, value] of Object.entries(headers)) {
    const values = name === "set-cookie" ? value.split("\n") : [value];
    for (const each of values) response.headers.append(name, each);
  }
  Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
  return response;
}
