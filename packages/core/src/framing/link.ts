import type { Duplex } from "node:stream";
import { toNetworkError } from "../errors/convert.ts";
import { ConnectionError, ProtocolError } from "../errors/kinds.ts";
import type { NetworkError } from "../errors/network-error.ts";
import { BaseLink, type BaseLinkOptions } from "../link/base-link.ts";
import type { CloseCode, CloseReason, Link } from "../link/transport.ts";
import { FrameBatch, type Part } from "./batch.ts";
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
  #isScheduled = false;
  #writing = 0;
  #decoding = false;
  /** A close frame or a violation was read: nothing after it counts. */
  #deaf = false;
  /** No more bytes come; the cause, if the stream died of one. */
  #over: { readonly cause: Error | undefined } | undefined;

  constructor(stream: Duplex, options: BaseLinkOptions) {
    super(options);
    this.#stream = stream;
    this.#decoder = new FrameDecoder(this.maxFrameBytes);
    stream.pause();
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("end", () => this.#streamEnded());
    stream.on("error", (error) => this.#streamEnded(error));
    stream.on("close", () => this.#streamDestroyed());
    // Its events have passed: it died while it was handed over.
    if (stream.closed) process.nextTick(() => this.#streamDestroyed());
  }

  lend(frame: Uint8Array, onReturned: () => void): boolean {
    const goesOn = this.send(frame);
    this.#batch.lent(onReturned);
    return goesOn;
  }

  flush(): void {
    const parts = this.#batch.take();
    if (parts.length === 0 || !this.#stream.writable) return;
    this.#stream.cork();
    for (const part of parts) this.#writePart(part);
    this.#stream.uncork();
  }

  protected bufferedBytes(): number {
    return this.#batch.bytes + this.#writing;
  }

  protected write(frame: Uint8Array): void {
    this.#batch.add(frame);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.flush();
    });
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
    this.flush();
    if (this.#stream.writable) this.#stream.end(encodeClose(reason));
    // Read on, into nothing: only then is the other side's end noticed.
    this.#stream.resume();
    await this.#streamClosed.promise;
  }

  protected destroy(): void {
    this.#batch.clear();
    this.#decoder.clear();
    this.#stream.destroy();
  }

  #writePart({ bytes, lenders }: Part): void {
    this.#writing += bytes.byteLength;
    this.#stream.write(bytes, (error) => {
      this.#writing -= bytes.byteLength;
      // A stream that died calls back too, without an error for what was under way.
      if (error || this.#stream.destroyed) return;
      for (const onReturned of lenders) onReturned();
      this.flushed();
    });
  }

  #read(chunk: Buffer): void {
    if (!this.open || this.#deaf) return;
    this.#decoder.push(chunk);
    this.#decode();
  }

  /**
   * Passes on the frames that are whole. Once the stream is over, all of them: those that may not flow yet are held.
   * A receiver that pauses and resumes is not called within its call; this loop goes on when it returns.
   */
  #decode(): void {
    if (this.#decoding) return;
    this.#decoding = true;
    try {
      while (this.open && !this.#deaf && (this.flowing || this.#over)) {
        const frame = this.#decoder.next();
        if (!frame) break;
        if (frame.type === FrameType.data) this.deliver(frame.payload);
        else this.#heard(decodeClose(frame.payload));
      }
    } catch (error) {
      this.#refuse(toNetworkError(error));
    }
    this.#decoding = false;
    if (this.#over && !this.#deaf) this.ended(this.#lost(this.#over.cause));
  }

  #heard(reason: CloseReason): void {
    this.#deaf = true;
    this.#stream.end();
    this.ended(reason);
  }

  #refuse(error: NetworkError): void {
    this.#deaf = true;
    const code: CloseCode = error.code === "FRAME_TOO_LARGE" ? "too-large" : "protocol-error";
    this.refused({ code, message: error.message, remote: true, error });
  }

  #streamEnded(cause?: Error): void {
    if (!this.open || this.#over) return;
    this.#over = { cause };
    this.#decode();
  }

  #streamDestroyed(): void {
    this.#streamEnded(this.#stream.errored ?? undefined);
    this.#streamClosed.resolve();
  }

  #lost(cause: Error | undefined): CloseReason {
    const error = cause
      ? toNetworkError(cause, { address: this.remoteAddress, phase: "open" })
      : this.#earlyEnd();
    return { code: "lost", message: error.message, remote: true, error };
  }

  #earlyEnd(): NetworkError {
    const where = this.#decoder.inFrame ? "inside a frame" : "without a close frame";
    const message = `the connection to ${this.remoteAddress} ended ${where}`;
    if (this.#decoder.inFrame) return new ProtocolError(message);
    return new ConnectionError(message, { code: "CONNECTION_LOST", phase: "open" });
  }
}
