import { AbortedError, type NetworkError, type ProtocolError } from "@net/core";
import { BodyStream } from "./body-stream.ts";
import { contentCodings } from "./content-coding.ts";
import { decompressed } from "./decompressed.ts";
import { Exchange } from "./exchange.ts";
import { badAnswer } from "./send.ts";

/** A request whose answer's body is given as it comes. The call lasts as long as the body. */
export class StreamedExchange extends Exchange {
  #raw: BodyStream | undefined;
  #length = 0;

  protected override get idleTimeout(): number {
    return this.call.settings.timeouts.streamIdle;
  }

  protected override onHead(): void {
    const raw = new BodyStream({
      pause: () => this.#pause(),
      resume: () => this.#resume(),
      cancel: () => this.fail(new AbortedError(`the answer to ${this.call.what} was not read on`)),
    });
    this.#raw = raw;
    const { status, headers } = this;
    this.resolve({ status, headers, content: nothing, body: this.#plain(raw) });
  }

  protected override onChunk(chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    const { maxBodyBytes, onProgress } = this.call.settings;
    if (this.#length > maxBodyBytes) {
      this.fail(this.#tooLarge());
      return;
    }
    this.#raw?.push(chunk);
    onProgress?.(this.#length, this.headers);
  }

  protected override onEnd(): void {
    this.#raw?.end();
  }

  protected override onBroken(error: NetworkError): void {
    this.#raw?.end(error);
  }

  /** While its reader is slow, silence is not the server's. */
  #pause(): void {
    this.timers?.pause();
    this.controller?.pause();
  }

  #resume(): void {
    this.timers?.resume();
    this.controller?.resume();
  }

  #plain(raw: BodyStream): BodyStream {
    const header = this.headers["content-encoding"];
    const { decompress, maxBodyBytes } = this.call.settings;
    const codings = header && this.hasBody && decompress ? contentCodings(header) : [];
    if (codings.length === 0) return raw;
    return decompressed(raw, codings, {
      maxBytes: maxBodyBytes,
      tooLarge: () => this.#tooLarge(),
      undecodable: (cause) => badAnswer(this.send, "its body cannot be decompressed", { cause }),
    });
  }

  #tooLarge(): ProtocolError {
    const text = `its body is over maxBodyBytes, ${this.call.settings.maxBodyBytes}`;
    return badAnswer(this.send, text, { code: "FRAME_TOO_LARGE" });
  }
}

const nothing = new Uint8Array();
