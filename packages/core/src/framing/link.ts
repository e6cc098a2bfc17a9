import type { Duplex } from "node:stream";
import { toNetworkError } from "../errors/convert.ts";
import { ProtocolError } from "../errors/kinds.ts";
import { NetworkError } from "../errors/network-error.ts";
import { BaseLink, type BaseLinkOptions } from "../link/base-link.ts";
import type { CloseCode, CloseReason, Link } from "../link/transport.ts";
import { FrameBatch } from "./batch.ts";
import { FrameDecoder } from "./decoder.ts";
import { decodeClose, encodeClose, FrameType } from "./wire.ts";

/**
 * Makes a {@link Link} of any duplex byte stream: a TCP or TLS socket, an SSH channel, a pipe. The stream must
 * be open and not read by anybody else; the link owns it from now on and destroys it in the end.
 *
 * The wire: a type byte (0 data, 1 close), the payload's length as u32 big endian, the payload. Frames sent in
 * one tick leave together.
 *
 * @example
 * ```ts
 * const socket = connect(port, host);
 * await once(socket, "connect");
 * await using link = frameLink(socket, { remoteAddress: `tcp://${host}:${port}` });
 * ```
 */
export function frameLink(stream: Duplex, options: BaseLinkOptions): Link {
  return new FramedLink(stream, options);
}

class FramedLink extends BaseLink {
  readonly #stream: Duplex;
  readonly #decoder: FrameDecoder;
  readonly #batch = new FrameBatch();
  readonly #streamClosed = Promise.withResolvers<void>();
  #flushing = false;
  #writing = 0;
  #heardClose: CloseReason | undefined;

  constructor(stream: Duplex, options: BaseLinkOptions) {
    super(options);
    this.#stream = stream;
    this.#decoder = new FrameDecoder(this.maxFrameBytes);
    stream.pause();
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("end", () => this.#streamEnded());
    stream.on("error", (error) => this.#streamEnded(error));
    stream.on("close", () => {
      this.#streamEnded();
      this.#streamClosed.resolve();
    });
    stream.pause();
  }

  protected bufferedBytes(): number {
    return this.#batch.bytes + this.#writing;
  }

  protected write(frame: Uint8Array): void {
    this.#batch.add(frame);
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  protected flow(on: boolean): void {
    if (!on) {
      this.#stream.pause();
      return;
    }
    this.#decode();
    if (this.flowing) this.#stream.resume();
  }

  protected async sayGoodbye(reason: CloseReason): Promise<void> {
    this.#flush();
    this.#stream.end(encodeClose(reason));
    // Read on, into nothing: only then is the other side's end noticed.
    this.#stream.resume();
    await this.#streamClosed.promise;
  }

  protected destroy(): void {
    this.#stream.destroy();
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#batch.bytes === 0 || this.#stream.destroyed) return;
    const parts = this.#batch.take();
    this.#stream.cork();
    for (const part of parts) this.#writePart(part);
    this.#stream.uncork();
  }

  #writePart(part: Uint8Array): void {
    this.#writing += part.byteLength;
    this.#stream.write(part, () => {
      this.#writing -= part.byteLength;
      this.flushed();
    });
  }

  #read(chunk: Buffer): void {
    if (!this.open) return;
    this.#decoder.push(chunk);
    this.#decode();
  }

  #decode(): void {
    try {
      while (this.flowing) {
        const frame = this.#decoder.next();
        if (!frame) return;
        if (frame.type === FrameType.close) this.#heard(decodeClose(frame.payload));
        else this.deliver(frame.payload);
      }
    } catch (error) {
      this.#refuse(toNetworkError(error));
    }
  }

  #heard(reason: CloseReason): void {
    this.#heardClose = reason;
    this.#stream.end();
    this.ended(reason);
  }

  /** The other side broke the protocol: it is told, and the link is over. */
  #refuse(error: NetworkError): void {
    const code: CloseCode = error.code === "FRAME_TOO_LARGE" ? "too-large" : "protocol-error";
    const reason: CloseReason = { code, message: error.message, remote: true, error };
    this.#stream.end(encodeClose(reason));
    this.ended(reason);
  }

  #streamEnded(cause?: Error): void {
    if (!this.open || this.#heardClose) return;
    const error = cause
      ? toNetworkError(cause, { address: this.remoteAddress, phase: "open" })
      : this.#earlyEnd();
    this.ended({ code: "lost", message: error.message, remote: true, error });
  }

  #earlyEnd(): NetworkError {
    const where = this.#decoder.inFrame ? "inside a frame" : "without a close frame";
    const message = `the connection to ${this.remoteAddress} ended ${where}`;
    if (this.#decoder.inFrame) return new ProtocolError(message);
    return new NetworkError("CONNECTION_LOST", message);
  }
}
