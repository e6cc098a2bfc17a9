/** The way from a document's root to one of its values: the tokens of a JSON pointer (RFC 6901), unescaped. */
export type Path = readonly string[];

/** A path as the fragment of a URI: `#/paths/~1pets/get`. */
export function formatPointer(path: Path): string {
  return `#${path.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")}`;
}

/** The path that a URI's fragment, without `#`, points to; undefined if it is no JSON pointer. */
export function parsePointer(fragment: string): Path | undefined {
  const decoded = decode(fragment);
  if (decoded === "") return [];
  if (!decoded?.startsWith("/")) return undefined;
  return decoded
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decode(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // A stray percent sign: no URI, so no pointer.
    return undefined;
  }
}
