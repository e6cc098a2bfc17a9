import { ValidationError } from "@net/core";

// Strings one after the other, each behind a byte that counts its bytes: the data of a DNS TXT record (RFC 1035
// §3.3.14), with `key=value` in each (RFC 6763 §6). A peer's record has this form wherever it travels.

const MAX_TEXT_BYTES = 255;

/** @throws ValidationError if one is longer than 255 bytes. */
export function packTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map(packText));
}

function packText(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 0 && bytes.length <= MAX_TEXT_BYTES) {
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  }
  const key = text.slice(0, text.indexOf("="));
  throw new ValidationError(`${key} is too long to be announced: over ${MAX_TEXT_BYTES} bytes`);
}

/** The strings, or undefined if the bytes are no such list. Those a TXT record was split into pack to the same bytes. */
export function unpackTexts(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const texts: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = bytes[at] ?? 0;
    const end = at + 1 + length;
    if (end > bytes.byteLength) return undefined;
    texts.push(bytes.subarray(at + 1, end));
    at = end;
  }
  return texts;
}

/** By key, in small letters; of several strings with one key, the first counts (RFC 6763 §6.4). */
export function readTexts(texts: readonly Uint8Array[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const bytes of texts) {
    const text = Buffer.from(bytes).toString();
    const equals = text.indexOf("=");
    const key = text.slice(0, equals).toLowerCase();
    if (equals > 0 && !values.has(key)) values.set(key, text.slice(equals + 1));
  }
  return values;
}
