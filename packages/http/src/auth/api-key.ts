import { ValidationError } from "@net/core";
import type { Auth } from "./auth.ts";

export interface ApiKeyOptions {
  readonly key: string;
  /** The header that carries it. Default `x-api-key`. */
  readonly header?: string | undefined;
  /** The query parameter that carries it, instead of a header. Servers write URLs into their logs: a header is better. */
  readonly query?: string | undefined;
}

/** A key in a header or the query. @throws ValidationError if both are named. */
export function apiKey({ key, header, query }: ApiKeyOptions): Auth {
  if (header !== undefined && query !== undefined) {
    throw new ValidationError("an API key goes into a header or the query, not both");
  }
  const credentials =
    query === undefined
      ? { headers: { [header ?? "x-api-key"]: key } }
      : { query: { [query]: key } };
  return { credentials: () => credentials };
}
