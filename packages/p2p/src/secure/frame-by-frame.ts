import { abortable, type CloseReason, type Link } from "@net/core";

/** A link from which one frame at a time is let in, so that nothing piles up before the other side is known. */
export class FrameByFrame {
  readonly link: Link;
  readonly #errorOf: (reason: CloseReason) => Error;
  #onFrame: (frame: Uint8Array) => void = () => {};

  /** @param errorOf what waiting for a frame rejects with, if the link ends first. */
  constructor(link: Link, errorOf: (reason: CloseReason) => Error) {
    this.link = link;
    this.#errorOf = errorOf;
    link.pause();
    link.receive((frame) => this.#onFrame(frame));
  }

  /** The next frame. @throws what the link's end means; AbortedError. */
  async next(signal: AbortSignal): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.#onFrame = (frame) => {
      this.link.pause();
      resolve(frame);
    };
    const closed = this.link.closed.then((reason) => {
      throw this.#errorOf(reason);
    });
    this.link.resume();
    return await abortable(Promise.race([promise, closed]), signal);
  }

  /** From now on all frames go there, once the link is resumed. */
  handOver(onFrame: (frame: Uint8Array) => void): void {
    this.#onFrame = onFrame;
  }
}
