import { ProtocolError } from "@net/core";

export interface WindowLimits {
  readonly windowMessages: number;
  readonly windowBytes: number;
  readonly maxMessageBytes: number;
}

/** Holds the other end to the window it was told: counts what each frame keeps in memory until it is committed. */
export class ReceiveWindow {
  readonly #limits: WindowLimits;
  /** Frames, by the last message in each. */
  #held: { readonly seq: number; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** A frame came whose last message is `seq`. @throws ProtocolError if it is more than the window allows. */
  take(seq: number, cursor: number, frameBytes: number, maxFrameBytes: number): void {
    const { windowMessages, windowBytes, maxMessageBytes } = this.#limits;
    // A sender counts bodies, we count frames, with what else is in them: hence twice the window.
    const limit = 2 * (windowBytes + maxMessageBytes) + maxFrameBytes;
    if (seq - cursor > windowMessages || this.#bytes > limit) {
      throw new ProtocolError("more messages came than the window allows");
    }
    this.#held.push({ seq, bytes: frameBytes });
    this.#bytes += frameBytes;
  }

  /** All up to the cursor are committed. */
  release(cursor: number): void {
    let gone = 0;
    for (const { seq, bytes } of this.#held) {
      if (seq > cursor) break;
      gone++;
      this.#bytes -= bytes;
    }
    if (gone > 0) this.#held.splice(0, gone);
  }

  clear(): void {
    this.#held = [];
    this.#bytes = 0;
  }
}
