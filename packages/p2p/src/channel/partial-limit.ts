import { ValidationError } from "@net/core";
import { MAX_PARTIAL, MAX_PARTIAL_MESSAGES } from "./assembly.ts";

/** A message's place at the other end, taken before its first piece goes. */
export interface Room {
  /** Its last piece has left, or word that no more come. Leaving twice does nothing. */
  leave(): void;
}

/** What the other end puts together at the same time, see `Assembly`; and how much of that is taken. */
export class PartialLimit {
  readonly maxBytes: number;
  readonly #maxMessageBytes: number;
  #messages = 0;
  #bytes = 0;

  constructor(maxMessageBytes: number) {
    this.maxBytes = maxMessageBytes * MAX_PARTIAL_MESSAGES;
    this.#maxMessageBytes = maxMessageBytes;
  }

  get isUntouched(): boolean {
    return this.#messages === 0;
  }

  hasRoom(bytes: number): boolean {
    return this.#messages < MAX_PARTIAL && this.#bytes + bytes <= this.maxBytes;
  }

  /** @param onLeave called once. */
  take(bytes: number, onLeave: () => void): Room {
    this.#messages += 1;
    this.#bytes += bytes;
    let isTaken = true;
    const leave = (): void => {
      if (!isTaken) return;
      isTaken = false;
      this.#messages -= 1;
      this.#bytes -= bytes;
      onLeave();
    };
    return { leave };
  }

  /** @throws ValidationError `FRAME_TOO_LARGE` */
  assertSize(bytes: number): void {
    if (bytes <= this.#maxMessageBytes) return;
    const limit = `the limit of ${this.#maxMessageBytes}, the smaller one of both peers' maxMessageBytes`;
    const message = `a message of ${bytes} bytes is over ${limit}`;
    throw new ValidationError(message, { code: "FRAME_TOO_LARGE" });
  }
}
