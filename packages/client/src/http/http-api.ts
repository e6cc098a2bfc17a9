import {
  abortable,
  type Clock,
  ConnectionError,
  deadline,
  deserializeError,
  isRecord,
  NetworkError,
  ProtocolError,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import { readText } from "./read-text.ts";

/** The part of the platform's `fetch` that is used; `@net/http` or a test may stand in. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A JSON object from the server, not looked at yet. */
export type Answer = Readonly<Record<string, unknown>>;

export interface HttpApiOptions {
  /** With a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  /** For one request with its answer, in ms. */
  readonly timeout: number;
  readonly clock: Clock;
}

export interface RequestOptions {
  readonly body?: object | undefined;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Statuses after which the same request may succeed. */
const retryableStatuses: readonly number[] = [408, 425, 429, 502, 503, 504];

/** One JSON request, one JSON answer; what the server calls an error is thrown as the error it was there. */
export class HttpApi {
  readonly #options: HttpApiOptions;

  constructor(options: HttpApiOptions) {
    this.#options = options;
  }

  /** @param path without a slash at its start. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { baseUrl, timeout, clock } = this.#options;
    const address = `${baseUrl}${path}`;
    using limit = deadline(timeout, options.signal, { clock });
    const init = { ...requestInit(method, options), signal: limit.signal };
    try {
      return await abortable(this.#exchange(address, init), limit.signal);
    } catch (error) {
      throwIfAborted(limit.signal);
      throw unreachable(error, address);
    }
  }

  async #exchange(address: string, init: RequestInit): Promise<Answer> {
    const response = await this.#options.fetch(address, init);
    const answer = parse(await readText(response));
    if (!response.ok) throw failure(response.status, answer, address);
    if (answer) return answer;
    throw new ProtocolError(`${address} answered with something else than a JSON object`);
  }
}

function requestInit(method: string, { body, token }: RequestOptions): RequestInit {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body && { "content-type": "application/json" }),
  };
  // A redirect would carry the password or the token to somebody else.
  const init: RequestInit = { method, headers, redirect: "error", credentials: "omit" };
  return body ? { ...init, body: JSON.stringify(body) } : init;
}

/** An empty answer counts as an empty object; undefined if it is no JSON object. */
function parse(text: string): Answer | undefined {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // A proxy's error page, for instance: the caller says what it makes of that.
    return undefined;
  }
}

function failure(status: number, answer: Answer | undefined, address: string): NetworkError {
  if (answer && isRecord(answer.error)) return deserializeError(answer.error);
  return new NetworkError("HTTP_STATUS", `${address} answered with HTTP status ${status}`, {
    retryable: retryableStatuses.includes(status),
    details: { status },
  });
}

/** Browsers say no more than "Failed to fetch", whatever kept them from reaching the server. */
function unreachable(error: unknown, address: string): NetworkError {
  const known = toNetworkError(error, { address });
  if (known.code !== "INTERNAL") return known;
  return new ConnectionError(`cannot reach ${address}: ${known.message}`, { cause: error });
}
