/** RFC 1035 §2.3.4. */
const MAX_LABEL_BYTES = 63;

/** A text as one label of a name. Dots would part it: the library cannot say otherwise. */
export function labelOf(text: string): string {
  return cut(text.replaceAll(".", "-"), MAX_LABEL_BYTES);
}

/** Another name for a service (RFC 6763 §D): `name`, `name (2)`, `name (3)`. */
export function nextInstance(label: string): string {
  const [, name = label, number = "1"] = /^(.*) \((\d{1,6})\)$/u.exec(label) ?? [];
  return withSuffix(name, ` (${Number(number) + 1})`);
}

/** Another name for a host, whose names have no spaces (RFC 6762 §9): `name`, `name-2`. */
export function nextHost(label: string): string {
  const [, name = label, number = "1"] = /^(.*)-(\d{1,6})$/u.exec(label) ?? [];
  return withSuffix(name, `-${Number(number) + 1}`);
}

function withSuffix(name: string, suffix: string): string {
  return `${cut(name, MAX_LABEL_BYTES - suffix.length)}${suffix}`;
}

/** At most so many bytes of UTF-8, and whole characters. */
function cut(text: string, maxBytes: number): string {
  let [end, bytes] = [0, 0];
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
