import { ProtocolError, ValidationError } from "@net/core";
import type { RequestOptions } from "../options/call-options.ts";
import { withoutQuery } from "../request/url.ts";
import type { Response } from "../response/response.ts";

export interface PaginateOptions extends RequestOptions {
  /**
   * Where the next page is, or undefined after the last. Default: what the `Link` header calls `next` (RFC 8288). A
   * relative URL is relative to the page's. Another origin is refused, unless `allowAbsoluteUrls`: the call's headers and
   * credentials go along.
   */
  readonly next?: ((page: Response) => string | URL | undefined) | undefined;
  /** More pages than this are not asked for. Default 1000, at least 1. */
  readonly maxPages?: number | undefined;
}

/**
 * The pages of a list, each asked for when it is wanted.
 *
 * @throws HttpStatusError on a page outside 2xx; ProtocolError where the next is no URL, was there already, or lies at
 *   another origin, which headers and credentials are not for, unless the call says `allowAbsoluteUrls`.
 */
export async function* readPages(
  get: (url: string | URL, options: RequestOptions) => Promise<Response>,
  url: string | URL,
  options: PaginateOptions,
): AsyncGenerator<Response, void, undefined> {
  const { next = nextLink, maxPages = 1_000, query, ...rest } = options;
  if (!(maxPages >= 1)) throw new ValidationError(`maxPages must be 1 or more, not ${maxPages}`);
  const seen = new Set<string>();
  let at: string | URL | undefined = url;
  for (let page = 0; at !== undefined && page < maxPages; page++) {
    // The query belongs to the first page: the next one's URL says all.
    const request =
      page === 0 ? { ...rest, query, throwOnError: true } : { ...rest, throwOnError: true };
    const answer: Response = await get(at, request);
    seen.add(answer.url);
    yield answer;
    const following = next(answer);
    at = following === undefined ? undefined : nextUrl(following, answer, rest);
    if (at !== undefined && seen.has(at))
      throw new ProtocolError(`page ${page + 2} is one that was there already`);
  }
}

function nextUrl(
  following: string | URL,
  { url }: Response,
  { allowAbsoluteUrls = false }: RequestOptions,
): string {
  const next = URL.parse(String(following), url);
  const page = `the page after ${withoutQuery(url)}`;
  if (!next) throw new ProtocolError(`${page} has no URL that is one`);
  if (next.origin === new URL(url).origin || allowAbsoluteUrls) return next.href;
  throw new ProtocolError(
    `${page} lies at another origin, ${next.origin}: say allowAbsoluteUrls if it may be asked for there`,
  );
}

const link = /<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+(?:\s*=\s*(?:"[^"]*"|[^",;\s]+))?)*)/g;
const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))/i;

/** The target of the `Link` header's `next`. */
export function nextLink({ headers }: Pick<Response, "headers">): string | undefined {
  for (const [, target, parameters = ""] of (headers.link ?? "").matchAll(link)) {
    const [, quoted, bare] = relation.exec(parameters) ?? [];
    if ((quoted ?? bare ?? "").toLowerCase().split(/\s+/).includes("next")) return target;
  }
  return undefined;
}
