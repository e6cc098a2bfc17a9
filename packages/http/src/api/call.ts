import { encodeApiBody } from "./body.ts";
import type { OperationDescription, ParameterForms, ParameterLocation } from "./description.ts";
import { formatCookies, formatHeaders } from "./header-parameters.ts";
import type { ApiRequestOptions } from "./http.ts";
import { expandPath } from "./path.ts";
import { formatQuery } from "./query.ts";

/** What a call takes, whatever the operation. */
export interface AnyInit {
  readonly params?: Readonly<Partial<Record<ParameterLocation, Values>>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: true | string | undefined;
}

type Values = Readonly<Record<string, unknown>>;

/** A request, ready for the HTTP client. */
export interface ApiCall {
  readonly method: string;
  readonly url: string;
  readonly options: ApiRequestOptions;
  /** How the answer is read: whole, event by event if it is such a stream, or only so. */
  readonly reads: "whole" | "events-or-whole" | "events";
}

const JSON_TYPE = "application/json";
const EVENT_STREAM = "text/event-stream";

/** Writes a request. @throws ValidationError naming the parameter that cannot be written, or the body. */
export function prepareCall(operation: OperationDescription, init: AnyInit): ApiCall {
  const { params = {}, timeout, signal, idempotencyKey } = init;
  const forms = (location: ParameterLocation): ParameterForms =>
    operation.parameters?.[location] ?? {};
  const path = expandPath(operation.path, params.path, forms("path"));
  const query = formatQuery(params.query, forms("query"));
  const body = encodeApiBody(init.body, init.contentType, operation);
  const accept = init.accept ?? usualAccept(operation.accept);
  const cookie = formatCookies(params.cookie, forms("cookie"));
  return {
    method: operation.method,
    url: withQuery(path, query),
    reads: readsOf(accept),
    options: {
      headers: {
        accept,
        ...formatHeaders(params.header, forms("header")),
        ...(cookie !== undefined && { cookie }),
        ...(body?.type !== undefined && { "content-type": body.type }),
        ...lowerCase(init.headers),
      },
      throwOnError: false,
      ...body?.options,
      ...(timeout !== undefined && { timeout }),
      ...(signal && { signal }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    },
  };
}

/** Some documents put a part of the query into the path. */
function withQuery(path: string, query: string): string {
  if (!query) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${query}`;
}

function readsOf(accept: string): ApiCall["reads"] {
  if (!accept.includes(EVENT_STREAM)) return "whole";
  return accept.includes(",") ? "events-or-whole" : "events";
}

/** JSON where it is offered; without a description JSON too, though anything will do. */
function usualAccept(types: readonly string[] | undefined): string {
  if (!types) return `${JSON_TYPE}, */*;q=0.5`;
  if (types.includes(JSON_TYPE)) return JSON_TYPE;
  return types.join(", ");
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
