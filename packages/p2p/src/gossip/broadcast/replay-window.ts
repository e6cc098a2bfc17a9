/** Numbers that are remembered one by one, below the highest: more than a rate of 100/s sends in half a minute. */
export const WINDOW = 4_096;

const WORD_BITS = 32;
/** One word more than the window, since the highest number is somewhere within its word. */
const WORDS: number = WINDOW / WORD_BITS + 1;

/**
 * Which numbers of a rising sequence were seen, in constant memory: those at or below the floor, and those too far
 * below the highest, count as seen. "IPsec Anti-Replay Algorithm without Bit Shifting", RFC 6479.
 */
export class ReplayWindow {
  #floor: number;
  #highest: number;
  #bits: Uint32Array | undefined;

  /** @param floor numbers up to it count as seen. */
  constructor(floor: number) {
    this.#floor = floor;
    this.#highest = floor;
  }

  has(seq: number): boolean {
    if (seq <= this.#floor || seq <= this.#highest - WINDOW) return true;
    if (seq > this.#highest) return false;
    const word = this.#bits?.[wordOf(seq)] ?? 0;
    return (word & bitOf(seq)) !== 0;
  }

  /** Notes a number that was not seen. */
  add(seq: number): void {
    this.#bits ??= new Uint32Array(WORDS);
    if (seq > this.#highest) this.#advance(this.#bits, seq);
    const word = wordOf(seq);
    this.#bits[word] = (this.#bits[word] as number) | bitOf(seq);
  }

  /** From now on numbers up to that one count as seen. */
  raise(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
  }

  /** Clears the words that begin to stand for other numbers. */
  #advance(bits: Uint32Array, seq: number): void {
    const from = Math.floor(this.#highest / WORD_BITS);
    const steps = Math.min(Math.floor(seq / WORD_BITS) - from, WORDS);
    for (let step = 1; step <= steps; step++) bits[(from + step) % WORDS] = 0;
    this.#highest = seq;
  }
}

function wordOf(seq: number): number {
  return Math.floor(seq / WORD_BITS) % WORDS;
}

function bitOf(seq: number): number {
  return 1 << (seq % WORD_BITS);
}
