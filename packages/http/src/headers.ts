import { ValidationError } from "@net/core";

/**
 * The headers of an answer, names in lower case. Several of one name are joined by `, ` (RFC 9110 §5.3), but
 * for `set-cookie`, where a comma means something else: those are joined by a line feed.
 */
export type ResponseHeaders = Readonly<Record<string, string>>;

/** What stands for us where a server asks who calls (RFC 9110 §10.1.5). */
const USER_AGENT = "net-http";

const nameGrammar = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** No control characters but the tab, and nothing that is not one byte: a line feed would begin a new header. */
const valueGrammar = /^[\t\x20-\x7e\x80-\xff]*$/;
/** These follow from the body and the connection; a caller's own would let one request be read as two. */
const ours: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Merges headers, later ones winning, names in any case.
 *
 * @throws ValidationError on a name or value that HTTP does not allow, or a header that the client sets.
 */
export function mergeHeaders(
  ...sources: readonly (Readonly<Record<string, string>> | undefined)[]
): ReadonlyMap<string, string> {
  const merged = new Map([["user-agent", USER_AGENT]]);
  for (const source of sources) {
    for (const [name, value] of Object.entries(source ?? {})) {
      merged.set(checkedName(name), checkedValue(name, value));
    }
  }
  return merged;
}

function checkedName(name: string): string {
  const lower = name.toLowerCase();
  if (!nameGrammar.test(name)) {
    throw new ValidationError(`${JSON.stringify(name)} is no header name`);
  }
  if (ours.has(lower)) throw new ValidationError(`the header ${lower} is set by the client itself`);
  return lower;
}

function checkedValue(name: string, value: unknown): string {
  if (typeof value === "string" && valueGrammar.test(value)) return value;
  throw new ValidationError(`the header ${name} must be a string of Latin-1 without line breaks`);
}

/** The headers as they came from the wire, joined. */
export function responseHeaders(
  raw: Readonly<Record<string, string | string[] | undefined>>,
): ResponseHeaders {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    headers[name] =
      typeof value === "string" ? value : value.join(name === "set-cookie" ? "\n" : ", ");
  }
  return headers;
}
