import { AbortedError, ProtocolError } from "@net/core";
import type { StreamOptions } from "../options/call-options.ts";
import type { RawBody } from "../request/body.ts";
import { isSetByClient } from "../request/headers.ts";
import { withoutQuery } from "../request/url.ts";
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
      return await platformResponse(await stream(url, options));
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
      headers: headersOf(request),
      ...(body !== null && body !== undefined && { body: body as RawBody }),
      ...(signal && { signal }),
      ...(request.redirect === "manual" && { redirect: false }),
      ...(request.redirect === "error" && { redirect: { max: 0 } }),
      throwOnError: false,
    },
  };
}

/** What only the client may say is left out, as the platform does with what it forbids: libraries say it anyway. */
function headersOf({ headers }: RequestInit): Readonly<Record<string, string>> {
  return Object.fromEntries([...new Headers(headers)].filter(([name]) => !isSetByClient(name)));
}

function partsOf({ method, headers, signal, redirect }: Request): RequestInit {
  return { method, headers, signal, redirect };
}

/** Whole, so that it can be sent again. */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  return request.body ? new Uint8Array(await request.arrayBuffer()) : undefined;
}

/** @throws ProtocolError on a status that the platform has no response for. */
async function platformResponse(answer: StreamResponse): Promise<Response> {
  const { status, headers, url, redirected } = answer;
  if (status > 599) {
    await answer.close();
    throw new ProtocolError(
      `the answer to ${answer.method} ${withoutQuery(url)} has status ${status}, which is none`,
    );
  }
  const hasBody = !bodiless.has(status) && answer.method !== "HEAD";
  const response = new Response(hasBody ? answer.toWebStream() : null, { status });
  for (const [name, value] of Object.entries(headers)) {
    const values = name === "set-cookie" ? value.split("\n") : [value];
    for (const each of values) response.headers.append(name, each);
  }
  Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
  return response;
}
