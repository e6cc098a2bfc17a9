import { BaseLink, type BaseLinkOptions } from "../link/base-link.ts";
import type { CloseReason } from "../link/transport.ts";
import type { Pipe } from "./pipe.ts";

/** One end of a link inside this process. */
export class MemoryLink extends BaseLink {
  readonly #out: Pipe;
  readonly #in: Pipe;
  readonly #onDestroy: () => void;

  constructor(out: Pipe, incoming: Pipe, options: BaseLinkOptions, onDestroy: () => void) {
    super(options);
    this.#out = out;
    this.#in = incoming;
    this.#onDestroy = onDestroy;
  }

  /** The two ends of a new link; the first is the dialler's. */
  static pair(
    there: Pipe,
    back: Pipe,
    options: readonly [dialler: BaseLinkOptions, acceptor: BaseLinkOptions],
    onDestroy: () => void,
  ): [MemoryLink, MemoryLink] {
    const dialler = new MemoryLink(there, back, options[0], onDestroy);
    const acceptor = new MemoryLink(back, there, options[1], onDestroy);
    dialler.#connectTo(acceptor);
    acceptor.#connectTo(dialler);
    return [dialler, acceptor];
  }

  #connectTo(other: MemoryLink): void {
    this.#out.connect({
      frame: (frame) => other.deliver(frame),
      end: (reason) => other.ended({ ...reason, remote: true }),
      moved: () => this.flushed(),
    });
  }

  /** The connection dies: neither end gets to say anything. */
  lose(): void {
    this.#in.break({ code: "lost", message: "the connection was lost", remote: true });
  }

  protected bufferedBytes(): number {
    return this.#out.bytes;
  }

  protected write(frame: Uint8Array): void {
    this.#out.push(frame);
  }

  protected flow(on: boolean): void {
    this.#in.setFlowing(on);
  }

  protected async sayGoodbye(reason: CloseReason): Promise<void> {
    this.#in.setFlowing(true);
    this.#out.end(reason);
    await this.#out.consumed;
  }

  protected destroy(reason: CloseReason): void {
    // Whatever still comes runs into nothing, so that the other side can finish.
    this.#in.setFlowing(true);
    if (reason.code === "normal" || reason.remote) this.#out.cut(lost);
    else this.#out.cut(reason);
    this.#onDestroy();
  }
}

const lost: CloseReason = { code: "lost", message: "the other side is gone", remote: true };
