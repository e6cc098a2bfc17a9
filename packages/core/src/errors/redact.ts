import { isRecord, type JsonObject, type JsonValue } from "../json.ts";

/** What stands where a secret stood. */
const MASK = "***";

/** `scheme://…` up to white space, quotes or brackets. */
const urlInText = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>]+/gi;

/** `Authorization` values that people paste into messages. */
const credentials = /\b(Bearer|Basic|Digest|Negotiate)\s+[\w.~+/=-]{6,}/gi;

/** Query parameters whose value is a credential by the name they carry. */
const secretName =
  /token|secret|passw|pwd|api[-_]?key|^key$|auth|sig(nature)?$|credential|session|jwt|^code$|^state$/i;

/**
 * Takes credentials out of a text: user and password of any URL in it, query values and fragments whose
 * name says they are secret, and `Bearer …` values. Every `NetworkError` message passes through here.
 *
 * It knows secrets by where they stand; a bare password in prose it cannot know.
 *
 * @example
 * ```ts
 * redact("cannot reach wss://ann:pw@host/x?token=abc&v=1"); // "cannot reach wss://***@host/x?token=***&v=1"
 * ```
 */
export function redact(text: string): string {
  return text
    .replace(urlInText, redactUrl)
    .replace(credentials, (_match, scheme: string) => `${scheme} ${MASK}`);
}

/** The same for every text in a JSON object. */
export function redactDetails(details: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, redactJson(value)]),
  );
}

function redactJson(value: JsonValue): JsonValue {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redactJson);
  return isRecord(value) ? redactDetails(value as JsonObject) : value;
}

function redactUrl(url: string): string {
  const hash = url.indexOf("#");
  const beforeHash = hash === -1 ? url : url.slice(0, hash);
  const query = beforeHash.indexOf("?");
  const path = query === -1 ? beforeHash : beforeHash.slice(0, query);
  return (
    redactUserInfo(path) +
    (query === -1 ? "" : `?${redactPairs(beforeHash.slice(query + 1))}`) +
    (hash === -1 ? "" : `#${redactPairs(url.slice(hash + 1))}`)
  );
}

/** The last `@` before the path ends the user info: passwords may hold an `@` themselves. */
function redactUserInfo(url: string): string {
  const start = url.indexOf("://") + 3;
  const end = url.indexOf("/", start);
  const authority = url.slice(start, end === -1 ? undefined : end);
  const at = authority.lastIndexOf("@");
  if (at === -1) return url;
  return url.slice(0, start) + MASK + authority.slice(at) + (end === -1 ? "" : url.slice(end));
}

function redactPairs(pairs: string): string {
  return pairs
    .split("&")
    .map((pair) => {
      const equals = pair.indexOf("=");
      if (equals === -1) return pair;
      const name = pair.slice(0, equals);
      return secretName.test(name) ? `${name}=${MASK}` : pair;
    })
    .join("&");
}
