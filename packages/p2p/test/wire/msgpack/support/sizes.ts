/** Writes a value in sizes of the caller's choice, which are hardly ever the shortest. */
export class SizedWriter {
  readonly #choose: (sizes: number) => number;
  readonly #parts: Uint8Array[] = [];

  /** @param choose one of so many sizes, the shortest being 0. */
  constructor(choose: (sizes: number) => number) {
    this.#choose = choose;
  }

  write(value: unknown): Uint8Array {
    this.#value(value);
    return Uint8Array.from(Buffer.concat(this.#parts));
  }

  #value(value: unknown): void {
    if (value === null) this.#bytes(0xc0);
    else if (typeof value === "boolean") this.#bytes(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (value instanceof Uint8Array) this.#list([0xc4, 0xc5, 0xc6], value.length, value);
    else if (Array.isArray(value)) this.#array(value);
    else this.#map(Object.entries(value as object));
  }

  #text(text: string): void {
    const utf8 = Buffer.from(text);
    if (utf8.length < 32 && this.#choose(2) === 0) this.#bytes(0xa0 + utf8.length, ...utf8);
    else this.#list([0xd9, 0xda, 0xdb], utf8.length, utf8);
  }

  #array(items: readonly unknown[]): void {
    if (items.length < 16 && this.#choose(2) === 0) this.#bytes(0x90 + items.length);
    else this.#list([undefined, 0xdc, 0xdd], items.length);
    for (const item of items) this.#value(item);
  }

  #map(entries: readonly (readonly [string, unknown])[]): void {
    if (entries.length < 16 && this.#choose(2) === 0) this.#bytes(0x80 + entries.length);
    else this.#list([undefined, 0xde, 0xdf], entries.length);
    for (const [key, item] of entries) {
      this.#text(key);
      this.#value(item);
    }
  }

  /** A length in one byte, two or four, and what is so long. */
  #list(
    types: readonly (number | undefined)[],
    length: number,
    content: Uint8Array = new Uint8Array(0),
  ): void {
    const fitting = types.flatMap((type, i) => {
      const size = 2 ** i;
      return type !== undefined && length < 2 ** (8 * size) ? [{ type, size }] : [];
    });
    const { type, size } = fitting[this.#choose(fitting.length)] ?? { type: 0, size: 1 };
    const header = Buffer.alloc(1 + size);
    header[0] = type;
    header.writeUIntBE(length, 1, size);
    this.#parts.push(header, content);
  }

  #number(value: number): void {
    const all = [...this.#whole(value), float(0xcb, 8, value)];
    if (Math.fround(value) === value) all.push(float(0xca, 4, value));
    this.#parts.push(all[this.#choose(all.length)] as Uint8Array);
  }

  #whole(value: number): Uint8Array[] {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return [];
    const whole = BigInt(value);
    const short = value >= -32 && value < 128 ? [Uint8Array.of(value)] : [];
    const long = [8, 16, 32, 64].flatMap((bits, i) => [
      ...(whole === BigInt.asUintN(bits, whole) ? [integer(0xcc + i, bits, whole)] : []),
      ...(whole === BigInt.asIntN(bits, whole) ? [integer(0xd0 + i, bits, whole)] : []),
    ]);
    return [...short, ...long];
  }

  #bytes(...bytes: number[]): void {
    this.#parts.push(Uint8Array.from(bytes));
  }
}

function integer(type: number, bits: number, value: bigint): Uint8Array {
  const hex = BigInt.asUintN(bits, value)
    .toString(16)
    .padStart(bits / 4, "0");
  return Buffer.from(type.toString(16) + hex, "hex");
}

function float(type: number, size: 4 | 8, value: number): Uint8Array {
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = type;
  if (size === 4) bytes.writeFloatBE(value, 1);
  else bytes.writeDoubleBE(value, 1);
  return bytes;
}
