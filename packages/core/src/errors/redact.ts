import { isRecord, type JsonObject, type JsonValue } from "../json.ts";

// Every expression here is linear in the text, however hostile: no run of characters is scanned from more than
// one start, or the scan is bounded.

/** What stands where a secret stood. */
const MASK = "***";

/** `scheme://…` up to white space, quotes or brackets. */
const urlInText = /\b[a-z][a-z0-9+.-]{0,31}:\/\/[^\s"'`<>]+/gi;

/** The user info of a URL: up to the last `@` before path, query and fragment; passwords may hold an `@`. */
const userInfo = /^[^/?#]*@/;
/** The same, of a password with an unescaped `/`, `?` or `#`: what follows the first colon is no port. */
const brokenUserInfo = /^[^/?#@:[\]]*:(?!\d{1,5}(?:[/?#]|$)).*@/;

/** `user:password@host`, without a scheme. */
const bareUserInfo = /(?<![\w.%+~-])[\w.%+~-]+:[^\s"'`<>/@:]+@(?=[\w[])/g;

/** `Authorization` values that people paste into messages; "Basic authentication" is none. */
const credentials =
  /\b(Bearer|Basic|Digest|Negotiate)\s{1,8}(?!auth(?:entication|orization)?\b)[\w.~+/=-]{6,}/gi;

/** Headers that hold nothing but credentials, up to the end of the line. A scheme's name may stay. */
const secretHeader =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{0,32}(?:key|token|secret|signature))(["']?\s{0,8}:\s{0,8}["']?)(?!(?:Bearer|Basic|Negotiate)\b)[^\s"'][^\r\n"']*/gi;

/** Names of credentials. Shorter or more common words would take the sense out of too many messages. */
const SECRET_WORDS =
  "token|secret|passw(?:or)?d|passphrase|pwd|api[-_]?key|private[-_]?key|access[-_]?key|credentials?|jwt|signature";

/** Quoted with `"`, with `'`, with `\"` as in JSON within JSON, or up to where a bare value ends. */
const VALUE = `"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|\\\\+"[^"]*"?|[^\\s&;,"'}\\]]+`;

/** `password=…`, `accessToken=…`, also in a path without a host; `"password":"…"`. */
const assignment = new RegExp(
  `(?<![\\w-])([\\w-]{0,64}?(?:${SECRET_WORDS}))(=|\\\\?["']\\s{0,8}:\\s{0,8})(${VALUE})`,
  "gi",
);

/** A JSON Web Token, wherever it stands: RFC 7519; its header is JSON, so it begins with `{"`. */
const jwt = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

const privateKey =
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g;

/** Query parameters whose value is a credential by the name they carry. */
const secretParameter =
  /token|secret|passw|pwd|api[-_]?key|^key$|auth|sig(nature)?$|credential|session|jwt|^code$|^state$/i;

/**
 * Takes credentials out of a text: user and password of any URL in it, query values and fragments whose name says
 * they are secret, `Bearer …` and other `Authorization` values, cookies, `x-api-key` and the like, `password=…` and
 * `"password":"…"`, JSON Web Tokens, private keys. Every `NetworkError` message passes through here.
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
    .replace(bareUserInfo, `${MASK}@`)
    .replace(secretHeader, `$1$2${MASK}`)
    .replace(credentials, `$1 ${MASK}`)
    .replace(assignment, redactAssignment)
    .replace(jwt, MASK)
    .replace(privateKey, MASK);
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
  const start = url.indexOf("://") + 3;
  const rest = withoutUserInfo(url.slice(start));
  const [beforeHash, hash] = cutAt(rest, "#");
  const [path, query] = cutAt(beforeHash, "?");
  return url.slice(0, start) + path + redactPairs(query) + redactPairs(hash);
}

function withoutUserInfo(rest: string): string {
  const clean = rest.replace(userInfo, `${MASK}@`);
  return clean === rest ? rest.replace(brokenUserInfo, `${MASK}@`) : clean;
}

/** The text before the first `mark`, and the rest with it. */
function cutAt(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

/** @param marked pairs behind the `?` or `#` that begins them; empty if there are none. */
function redactPairs(marked: string): string {
  const pairs = marked.slice(1).split("&");
  return marked.slice(0, 1) + pairs.map(redactPair).join("&");
}

function redactPair(pair: string): string {
  const [name, value] = cutAt(pair, "=");
  return value !== "" && secretParameter.test(name) ? `${name}=${MASK}` : pair;
}

/** Quotes stay where they were, so that JSON stays JSON. */
function redactAssignment(_match: string, name: string, sign: string, value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? "";
  return `${name}${sign}${quote}${MASK}${quote}`;
}
