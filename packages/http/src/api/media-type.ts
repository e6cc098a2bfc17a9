/** `application/json`, `application/problem+json`; and `*`/`*`, where JSON is what is meant. */
export function isJsonType(type: string): boolean {
  return /^([^;]*[/+]json|\*\/\*)\s*(;|$)/i.test(type);
}

/** Server-sent events. */
export function isEventStream(type: string): boolean {
  return /^text\/event-stream\s*(;|$)/i.test(type);
}

/** XML of whatever name. */
export function isXmlType(type: string): boolean {
  return /^[^;]*[/+]xml\s*(;|$)/i.test(type);
}

/** `text/plain` and its like. */
export function isTextType(type: string): boolean {
  return /^text\//i.test(type);
}

/** What HTML forms send without files. */
export function isFieldsType(type: string): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
}

/** Parts, as HTML forms send them, or of another kind. */
export function isMultipartType(type: string): boolean {
  return /^multipart\//i.test(type);
}
