import { abortable, type Link, ProtocolError } from "@net/core";
import { decodeFrame, type Frame } from "../wire/frame.ts";
import type { FrameKind } from "../wire/kinds.ts";
import { errorOfClose } from "./refusal.ts";

/**
 * A link during its handshake: a frame is let in only when one is asked for, so that nothing piles up before the
 * other side is known.
 */
export class HandshakeChannel {
  readonly link: Link;
  #onFrame: (frame: Uint8Array) => void = () => {};

  constructor(link: Link) {
    this.link = link;
    link.pause();
    link.receive((frame) => this.#onFrame(frame));
  }

  send(frame: Uint8Array): void {
    this.link.send(frame);
  }

  /** The next frame. @throws ProtocolError if it is of another kind; the other side's refusal; AbortedError. */
  async read(kind: FrameKind, signal: AbortSignal): Promise<Frame> {
    const frame = decodeFrame(await abortable(this.#frameOrClose(), signal));
    if (frame.kind === kind) return frame;
    throw new ProtocolError(`the handshake has a frame of kind ${frame.kind} instead of ${kind}`);
  }

  /** The handshake is over: all further frames go there. */
  handOver(onFrame: (frame: Uint8Array) => void): void {
    this.#onFrame = onFrame;
    this.link.resume();
  }

  async #frameOrClose(): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.#onFrame = (frame) => {
      this.link.pause();
      resolve(frame);
    };
    const closed = this.link.closed.then((reason) => {
      throw errorOfClose(reason, this.link.remoteAddress);
    });
    this.link.resume();
    return await Promise.race([promise, closed]);
  }
}
