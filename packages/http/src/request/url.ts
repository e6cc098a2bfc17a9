import { ValidationError } from "@net/core";

/** A value of a query parameter; an array becomes one parameter per item. */
export type QueryValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly (string | number | boolean)[];

/** Query parameters. */
export type Query = Readonly<Record<string, QueryValue>> | URLSearchParams;

/** A `baseUrl`, checked; its path ends with a slash. @throws ValidationError if it cannot be one. */
export function parseBaseUrl(baseUrl: string | URL): URL {
  const url = checkedUrl(URL.parse(String(baseUrl)), String(baseUrl), "baseUrl");
  if (url.search || url.hash) {
    throw new ValidationError(`a baseUrl must end with its path: ${withoutQuery(url)}`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** A URL, and whether it lies under the base. */
export interface ResolvedUrl {
  readonly url: URL;
  readonly isInside: boolean;
}

/**
 * The URL of a call. With a base, `users`, `/users` and an absolute URL under the base all lie under its path;
 * whatever would leave it (another origin, `//host`, `..`) is refused: URLs come from strangers, and the
 * client's headers carry credentials. With `mayLeave`, an absolute URL may lead anywhere.
 *
 * @throws ValidationError if it is no http(s) URL, carries user and password, or leaves the base.
 */
export function resolveUrl(
  base: URL | undefined,
  url: string | URL,
  query?: Query,
  mayLeave = false,
): ResolvedUrl {
  const given = String(url);
  const resolved = checkedUrl(parse(base, given), given, "URL");
  const isInside = !base || liesUnder(base, resolved);
  if (!isInside && !(mayLeave && absolute.test(given.trim()))) {
    throw new ValidationError(
      `${shown(given)} does not lie under the client's baseUrl ${base.href}`,
    );
  }
  resolved.hash = "";
  if (query) addQuery(resolved.searchParams, query);
  return { url: resolved, isInside };
}

/** A URL for messages: without its query, which often holds what is private. */
export function withoutQuery(url: URL | string): string {
  return String(url).split("?", 1).join("");
}

/** What a caller gave as URL, for messages: without its query, user and password. */
function shown(given: string): string {
  return withoutQuery(given)
    .split("#", 1)
    .join("")
    .replace(/^([^/\\]*[/\\]{2})[^/\\]*@/, "$1…@");
}

const absolute = /^([a-z][a-z0-9+.-]*:|[/\\]{2})/i;

function parse(base: URL | undefined, url: string): URL | null {
  if (!base) return URL.parse(url);
  const trimmed = url.trim();
  return absolute.test(trimmed)
    ? URL.parse(trimmed, base.href)
    : URL.parse(`./${trimmed.replace(/^[/\\]+/, "")}`, base.href);
}

function liesUnder(base: URL, url: URL): boolean {
  return url.origin === base.origin && `${url.pathname}/`.startsWith(base.pathname);
}

function checkedUrl(url: URL | null, given: string, what: string): URL {
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new ValidationError(
      `a ${what} must be absolute, http or https, or a baseUrl be set: ${shown(given)}`,
    );
  }
  if (url.username || url.password) {
    throw new ValidationError(
      `a ${what} must not carry a user or password, use a header: ${shown(given)}`,
    );
  }
  return url;
}

function addQuery(params: URLSearchParams, query: Query): void {
  if (typeof query !== "object") {
    throw new ValidationError("query must be an object of parameters, or URLSearchParams");
  }
  const entries = query instanceof URLSearchParams ? query.entries() : Object.entries(query);
  for (const [name, value] of entries) {
    for (const item of [value].flat()) {
      if (item !== undefined && item !== null) params.append(name, written(name, item));
    }
  }
}

function written(name: string, value: unknown): string {
  if (typeof value !== "object" && typeof value !== "function") return String(value);
  throw new ValidationError(`query.${name} must be text, a number, a boolean, or a list of these`);
}
