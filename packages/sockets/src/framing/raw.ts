import type { Framing, MessageDecoder } from "./framing.ts";

/**
 * No framing: a message is whatever arrives at once. TCP keeps the order of bytes, not the borders between
 * writes, so one `send` may arrive in several pieces, and several in one.
 */
export function raw(): Framing {
  return { encode: (message, out) => out.write(message), decoder: () => new RawDecoder() };
}

class RawDecoder implements MessageDecoder {
  #chunk: Buffer | undefined;

  push(chunk: Buffer): void {
    this.#chunk = this.#chunk ? Buffer.concat([this.#chunk, chunk]) : chunk;
  }

  next(): Uint8Array | undefined {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    return chunk;
  }

  end(): void {}
}
