/** Longer keys are hardly anybody's fields. */
const MAX_KEY_LENGTH = 32;
/** A power of two. */
const SLOTS = 1_024;

/**
 * The ASCII keys that were read lately: the same ones come over and over. V8 finds a property by such a key at once, where it has to
 * look up every new text in a table of all keys there are. A stranger who makes keys collide makes them be read as new ones.
 */
export class KeyCache {
  readonly #keys: string[] = new Array<string>(SLOTS).fill("");

  /** The key that stands there, if it is known. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length === 0 || length > MAX_KEY_LENGTH) return undefined;
    const first = bytes[start] as number;
    const middle = bytes[start + (length >> 1)] as number;
    const last = bytes[start + length - 1] as number;
    const key = this.#keys[slotOf(length, first, middle, last)] as string;
    if (key.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (key.charCodeAt(i) !== bytes[start + i]) return undefined;
    return key;
  }

  /** Remembers a key of ASCII characters. @returns the same, quicker to find properties by. */
  keep(text: string): string {
    const { length } = text;
    if (length === 0 || length > MAX_KEY_LENGTH) return text;
    const key = Object.keys({ [text]: 0 })[0] as string;
    const [first, middle, last] = [0, length >> 1, length - 1].map((i) => key.charCodeAt(i));
    this.#keys[slotOf(length, first as number, middle as number, last as number)] = key;
    return key;
  }
}

function slotOf(length: number, first: number, middle: number, last: number): number {
  return (length ^ (first << 2) ^ (middle << 5) ^ (last << 3)) & (SLOTS - 1);
}
