import { OverloadedError } from "@net/core";

/** What a message that waits takes beside its bytes, so that very many small ones are bounded too. */
const OVERHEAD_BYTES = 384;

/** How much of what was offered without waiting is held back, and of which types. */
export class HeldBack {
  readonly #maxBytes: number;
  readonly #messages = new Map<string, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  has(type: string): boolean {
    return this.#messages.size > 0 && this.#messages.has(type);
  }

  /** @throws OverloadedError if that would be too much. */
  add(bytes: number, type: string): void {
    const total = this.#bytes + bytes + OVERHEAD_BYTES;
    if (total > this.#maxBytes) {
      throw new OverloadedError(
        `${this.#bytes} bytes wait to be sent in pieces: a ${type} of ${bytes} was not taken`,
      );
    }
    this.#bytes = total;
    this.#messages.set(type, (this.#messages.get(type) ?? 0) + 1);
  }

  remove(bytes: number, type: string): void {
    this.#bytes -= bytes + OVERHEAD_BYTES;
    const left = (this.#messages.get(type) ?? 0) - 1;
    if (left > 0) this.#messages.set(type, left);
    else this.#messages.delete(type);
  }
}
