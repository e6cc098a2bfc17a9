import { ValidationError } from "@net/core";
import { type AnyInit, prepareCall } from "./call.ts";
import { type AnyResult, resultOf, streamResultOf } from "./decode.ts";
import type { ApiDescription, OperationDescription } from "./description.ts";
import type { ApiHttp } from "./http.ts";
import type {
  ApiInit,
  ApiInitArguments,
  ApiOperationOf,
  HttpMethod,
  PathsWith,
} from "./operation-types.ts";
import type { AcceptableType, ApiResult } from "./result-types.ts";

/** Calls the operations of one method, by path. Rejects with a `NetworkError` where there is no answer. */
export interface ApiMethod<Paths, Method extends HttpMethod> {
  /** Asks for one of the media types that the operation offers. */
  <
    Path extends PathsWith<Paths, Method>,
    const Accept extends AcceptableType<ApiOperationOf<Paths, Path, Method>>,
  >(
    path: Path,
    init: ApiInit<ApiOperationOf<Paths, Path, Method>> & { readonly accept: Accept },
  ): Promise<ApiResult<ApiOperationOf<Paths, Path, Method>, Accept>>;
  <Path extends PathsWith<Paths, Method>>(
    path: Path,
    ...init: ApiInitArguments<ApiOperationOf<Paths, Path, Method>>
  ): Promise<ApiResult<ApiOperationOf<Paths, Path, Method>>>;
}

/** Calls one operation. Rejects with a `NetworkError` where there is no answer. */
export interface ApiOperation<Operation> {
  /** Asks for one of the media types that the operation offers. */
  <const Accept extends AcceptableType<Operation>>(
    init: ApiInit<Operation> & { readonly accept: Accept },
  ): Promise<ApiResult<Operation, Accept>>;
  (...init: ApiInitArguments<Operation>): Promise<ApiResult<Operation>>;
}

/**
 * A typed client of an API: every operation by method and path, and, where a description was given, by its name.
 */
export interface ApiClient<Paths, Operations = Record<never, never>> {
  readonly GET: ApiMethod<Paths, "get">;
  readonly PUT: ApiMethod<Paths, "put">;
  readonly POST: ApiMethod<Paths, "post">;
  readonly DELETE: ApiMethod<Paths, "delete">;
  readonly OPTIONS: ApiMethod<Paths, "options">;
  readonly HEAD: ApiMethod<Paths, "head">;
  readonly PATCH: ApiMethod<Paths, "patch">;
  readonly TRACE: ApiMethod<Paths, "trace">;
  readonly operations: { readonly [Id in keyof Operations]: ApiOperation<Operations[Id]> };
}

const methods = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;

/**
 * A typed client over an HTTP client: retries, time-outs, headers and authentication are that client's.
 *
 * A call resolves with `{ ok, status, data, error, response }`: `data` of an answer from 200 to 299, else `error`. It
 * rejects where there is no answer, and with a `ValidationError` where a parameter cannot be written.
 *
 * `Paths` comes from `npx @net/http generate` or from openapi-typescript. Without the description, which the former writes
 * too, parameters are written in OpenAPI's default styles, bodies are JSON unless `contentType` is given, and event
 * streams need `accept: "text/event-stream"`.
 *
 * @example
 * ```ts
 * const client = createApiClient<paths>(http);
 * const { data, error } = await client.GET("/pets/{id}", { params: { path: { id: 7 } } });
 * ```
 */
export function createApiClient<Paths, Operations = Record<never, never>>(
  http: ApiHttp,
  description?: ApiDescription,
): ApiClient<Paths, Operations> {
  const known = Object.values(description?.operations ?? {});
  const byPath = new Map(
    known.map((operation) => [keyOf(operation.method, operation.path), operation]),
  );
  const byMethod = methods.map((method) => {
    const call = (path: string, init?: AnyInit): Promise<AnyResult> =>
      send(http, byPath.get(keyOf(method, path)) ?? { method, path }, init);
    return [method, call] as const;
  });
  const client = { ...Object.fromEntries(byMethod), operations: byName(http, description) };
  // What goes in and comes out is known to the types only.
  return client as unknown as ApiClient<Paths, Operations>;
}

function keyOf(method: string, path: string): string {
  return `${method} ${path}`;
}

type AnyOperation = (init?: AnyInit) => Promise<AnyResult>;

/** Without a prototype: an operation may be called `toString`. */
function byName(http: ApiHttp, description?: ApiDescription): Record<string, AnyOperation> {
  const operations: Record<string, AnyOperation> = Object.create(null);
  for (const [id, operation] of Object.entries(description?.operations ?? {})) {
    operations[id] = (init) => send(http, operation, init);
  }
  return operations;
}

async function send(
  http: ApiHttp,
  operation: OperationDescription,
  init: AnyInit = {},
): Promise<AnyResult> {
  if (!operation.path.startsWith("/")) {
    throw new ValidationError(`a path of an API begins with a slash, unlike ${operation.path}`);
  }
  const { method, url, options, reads } = prepareCall(operation, init);
  if (reads === "whole") return resultOf(await http.request(method, url, options));
  const response = await http.stream(url, { ...options, method });
  return await streamResultOf(response, reads === "events");
}
