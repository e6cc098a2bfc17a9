import type { OutputChunk } from "./child.ts";

/** The beginning of what a program wrote to one stream, and the text of it chunk by chunk. */
class StreamText {
  readonly #maxBytes: number;
  readonly #parts: Uint8Array[] = [];
  readonly #decoder = new TextDecoder();
  #bytes = 0;
  truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The text of a chunk; a character that is cut in two comes with the next one. */
  add(bytes: Uint8Array): string {
    const room = this.#maxBytes - this.#bytes;
    if (bytes.length > room) this.truncated = true;
    const kept = bytes.subarray(0, room);
    if (kept.length > 0) this.#parts.push(kept);
    this.#bytes += kept.length;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Half a character at the end is left out where the text was cut, and shown as faulty where it was not. */
  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#parts), { stream: this.truncated });
  }
}

/** What is kept of a program's output. */
export class Output {
  readonly #streams: Readonly<Record<OutputChunk["stream"], StreamText>>;

  constructor(maxBytes: number) {
    this.#streams = { stdout: new StreamText(maxBytes), stderr: new StreamText(maxBytes) };
  }

  add({ stream, bytes }: OutputChunk): string {
    return this.#streams[stream].add(bytes);
  }

  read(): { readonly stdout: string; readonly stderr: string; readonly truncated: boolean } {
    const { stdout, stderr } = this.#streams;
    const truncated = stdout.truncated || stderr.truncated;
    return { stdout: stdout.text(), stderr: stderr.text(), truncated };
  }
}
