/**
 * The headers of an answer, names in lower case. Several of one name are joined by `, ` (RFC 9110 §5.3), but
 * for `set-cookie`, where a comma means something else: those are joined by a line feed.
 */
export type ResponseHeaders = Readonly<Record<string, string>>;

/** The headers as they came from the wire. */
export type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers as they came from the wire, joined. */
export function responseHeaders(raw: RawHeaders): ResponseHeaders {
  const headers: Record<string, string> = Object.create(null);
  for (const name of Object.keys(raw)) {
    const value = joined(name, raw[name]);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** One header, joined. */
export function headerOf(raw: RawHeaders, name: string): string | undefined {
  return Object.hasOwn(raw, name) ? joined(name, raw[name]) : undefined;
}

/** Each `set-cookie` for itself. */
export function setCookiesOf(raw: RawHeaders): readonly string[] {
  const value = raw["set-cookie"];
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

function joined(name: string, value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return value.join(name === "set-cookie" ? "\n" : ", ");
}
