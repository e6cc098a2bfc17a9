import type { CloseOptions, CloseReason, CloseRequest, Link, LinkSecurity } from "@net/core";

/** One end of a link, to which nothing gets while a gate is shut. What was sent waits on the way, as in TCP. */
export class GatedLink implements Link {
  readonly #inner: Link;
  readonly #isShut: () => boolean;
  readonly #pass: (frame: Uint8Array) => Uint8Array;
  #isPaused = false;

  /** @param pass what becomes of a frame that comes through. */
  constructor(inner: Link, isShut: () => boolean, pass: (frame: Uint8Array) => Uint8Array) {
    this.#inner = inner;
    this.#isShut = isShut;
    this.#pass = pass;
    this.update();
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  get maxFrameBytes(): number {
    return this.#inner.maxFrameBytes;
  }

  get security(): LinkSecurity {
    return this.#inner.security;
  }

  get closed(): Promise<CloseReason> {
    return this.#inner.closed;
  }

  /** The gate was opened or shut. */
  update(): void {
    if (this.#isPaused || this.#isShut()) this.#inner.pause();
    else this.#inner.resume();
  }

  receive(onFrame: (frame: Uint8Array) => void): void {
    this.#inner.receive((frame) => onFrame(this.#pass(frame)));
  }

  send(frame: Uint8Array): boolean {
    return this.#inner.send(frame);
  }

  async drained(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    await this.#inner.drained(options);
  }

  pause(): void {
    this.#isPaused = true;
    this.update();
  }

  resume(): void {
    this.#isPaused = false;
    this.update();
  }

  async close(reason?: CloseRequest, options?: CloseOptions): Promise<void> {
    await this.#inner.close(reason, options);
  }

  abort(reason?: CloseRequest): void {
    this.#inner.abort(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
