import type { ProtocolError } from "@net/core";
import { joined } from "./answer.ts";
import { contentCodings, decoded } from "./content-coding.ts";
import { Exchange } from "./exchange.ts";
import { badAnswer } from "./send.ts";

/** A request whose answer is collected whole. */
export class BufferedExchange extends Exchange {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  protected override get idleTimeout(): number {
    return this.call.settings.timeouts.idle;
  }

  protected override onHead(): void {
    if (this.hasBody) this.#limit(Number(this.headers["content-length"] ?? 0));
  }

  protected override onChunk(chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    this.#limit(this.#length);
    if (!this.failure) this.#chunks.push(chunk);
    this.call.settings.onProgress?.(this.#length, this.headers);
  }

  protected override onEnd(): void {
    const content = joined(this.#chunks, this.#length);
    const codings = this.headers["content-encoding"];
    if (codings === undefined || content.length === 0 || !this.call.settings.decompress) {
      this.#give(content);
    } else {
      void this.#decode(content, contentCodings(codings));
    }
  }

  protected override onBroken(): void {}

  async #decode(content: Uint8Array, codings: readonly string[]): Promise<void> {
    const { maxBodyBytes } = this.call.settings;
    this.call.attach(this);
    try {
      const plain = await decoded(content, codings, maxBodyBytes);
      this.call.detach(this);
      this.#give(plain);
    } catch (cause) {
      this.fail(this.#undecodable(cause));
    }
  }

  #undecodable(cause: unknown): ProtocolError {
    if ((cause as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") return this.#tooLarge();
    return badAnswer(this.send, "its body cannot be decompressed", { cause });
  }

  #give(content: Uint8Array): void {
    if (this.failure) return;
    this.resolve({ status: this.status, headers: this.headers, content, body: undefined });
  }

  #limit(bytes: number): void {
    if (bytes > this.call.settings.maxBodyBytes) this.fail(this.#tooLarge());
  }

  #tooLarge(): ProtocolError {
    const text = `its body is over maxBodyBytes, ${this.call.settings.maxBodyBytes}`;
    return badAnswer(this.send, text, { code: "FRAME_TOO_LARGE" });
  }
}
