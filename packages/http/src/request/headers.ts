import { ValidationError } from "@net/core";

/** Headers of a request, by name in any case. */
export type RequestHeaders = Readonly<Record<string, string>>;

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
 * A request's headers: checked, names in lower case, each once. It is not changed but copied, so that the client's own
 * are made ready for the wire once.
 */
export class HeaderList {
  static readonly empty: HeaderList = new HeaderList(new Map());

  readonly #map: ReadonlyMap<string, string>;
  #flat: string[] | undefined;

  private constructor(map: ReadonlyMap<string, string>) {
    this.#map = map;
  }

  /** As the wire takes them: names and values in turn. */
  get flat(): string[] {
    this.#flat ??= [...this.#map].flat();
    return this.#flat;
  }

  get(name: string): string | undefined {
    return this.#map.get(name);
  }

  has(name: string): boolean {
    return this.#map.has(name);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#map[Symbol.iterator]();
  }

  /**
   * These added, replacing those of the same name.
   *
   * @throws ValidationError on a name or value that HTTP does not allow, or a header that the client sets.
   */
  with(headers: RequestHeaders | undefined): HeaderList {
    if (!headers) return this;
    if (!isPlain(headers)) throw notPlain();
    const map = new Map(this.#map);
    for (const [name, value] of Object.entries(headers)) {
      map.set(checkedName(name), checkedValue(name, value));
    }
    return new HeaderList(map);
  }

  /** One added that the client itself sets, such as `content-length`; unchecked. */
  withOwn(name: string, value: string): HeaderList {
    return new HeaderList(new Map(this.#map).set(name, value));
  }

  /** Only those that `keep` says. */
  filter(keep: (name: string) => boolean): HeaderList {
    return new HeaderList(new Map([...this.#map].filter(([name]) => keep(name))));
  }
}

/** A `Headers`, a `Map` or a list has no entries of its own, or others than meant: nothing of it would be sent. */
function isPlain(headers: unknown): boolean {
  return (
    typeof headers === "object" &&
    headers !== null &&
    typeof (headers as Iterable<unknown>)[Symbol.iterator] !== "function"
  );
}

function notPlain(): ValidationError {
  return new ValidationError(
    "headers must be an object of names and values: Object.fromEntries(…) makes one of a Headers",
  );
}

/** True for a header that follows from the body and the connection. @param name in lower case. */
export function isSetByClient(name: string): boolean {
  return ours.has(name);
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
