import { assertAmount, assertPositive, ProtocolError, ValidationError } from "@net/core";
import { CHUNK_BYTES } from "./chunks.ts";
import { creditNeed, INITIAL_CREDIT_BYTES } from "./credit-need.ts";

/** How large the window is to be at the moment: a `WindowEstimator`, or a fixed number. */
export interface CreditWindow {
  readonly windowBytes: number;
}

/**
 * An announcement is worth its frame when an eighth of the window has become free. Of a window of 1.5 × BDP then still
 * more than the BDP is under way, also when the last chunk does not fit, and the line stays full.
 */
const ANNOUNCED_PART = 1 / 8;
/** Beside a frame that leaves anyway it costs next to nothing: then half of that part is enough. */
const RIDING = 1 / 2;
/** More would not leave half a window that the sender knows of. */
const MAX_ANNOUNCED_PART = 1 / 2;

export interface ReceiveCreditOptions {
  /**
   * Which part of the window must have become free to be announced, at most a half. Default an eighth. Of a window that does
   * not follow the line, and is far larger than it holds, more saves frames.
   */
  readonly announcedPart?: number | undefined;
}

/**
 * The receiver's side of a window: how much it allows, and that nobody sends more. It never waits for a sender that waits
 * for it: once everything that came is consumed, at least half a window is free, and announced.
 *
 * @example
 * ```ts
 * link.receive((frame) => {
 *   credit.received(frame.byteLength);
 *   handle(frame);
 *   const limit = credit.consumed(frame.byteLength);
 *   if (limit !== undefined) link.send(encodeCredit(limit));
 * });
 * ```
 */
export class ReceiveCredit {
  readonly #window: CreditWindow;
  readonly #announcedPart: number;
  #limit: number;
  #received = 0;
  #consumed = 0;
  /** What it may be soon, if it is worth a few bytes beside another frame. */
  #riding: number | undefined;

  /**
   * @param window at least twice a chunk; what is less counts as that.
   * @param initialBytes what the sender counts on at first, by agreement: at least a chunk, or it could never begin.
   * @throws ValidationError
   */
  constructor(
    window: CreditWindow = { windowBytes: INITIAL_CREDIT_BYTES },
    initialBytes: number = INITIAL_CREDIT_BYTES,
    { announcedPart = ANNOUNCED_PART }: ReceiveCreditOptions = {},
  ) {
    if (!(assertAmount(initialBytes, "initialBytes") >= CHUNK_BYTES)) {
      throw new ValidationError(`initialBytes must be ${CHUNK_BYTES} or more, not ${initialBytes}`);
    }
    if (!(assertPositive(announcedPart, "announcedPart") <= MAX_ANNOUNCED_PART)) {
      throw new ValidationError(`announcedPart must be at most a half, not ${announcedPart}`);
    }
    this.#window = window;
    this.#announcedPart = announcedPart;
    this.#limit = initialBytes;
  }

  /** Everything the sender may send since the beginning. */
  get limitBytes(): number {
    return this.#limit;
  }

  /** What came and is not consumed: what it takes here. */
  get heldBytes(): number {
    return this.#received - this.#consumed;
  }

  /** A frame came. @throws ProtocolError if the sender had no credit for it: then the link should end. */
  received(bytes: number): void {
    assertAmount(bytes, "bytes");
    const available = this.#limit - this.#received;
    if (available < creditNeed(bytes)) {
      const details = { bytes, availableBytes: available };
      throw new ProtocolError(`a frame of ${bytes} bytes came with ${available} bytes of credit`, {
        details,
      });
    }
    this.#received += bytes;
  }

  /**
   * So many bytes of what came need no room any more. @returns the limit to announce, if it is time to.
   *
   * @throws ValidationError if so much never came, or the window is no finite number.
   */
  consumed(bytes: number): number | undefined {
    if (!(bytes >= 0 && bytes <= this.heldBytes)) {
      throw new ValidationError(`${bytes} bytes cannot be consumed of ${this.heldBytes}`);
    }
    const windowBytes = Math.floor(assertAmount(this.#window.windowBytes, "windowBytes"));
    const window = Math.max(INITIAL_CREDIT_BYTES, windowBytes);
    this.#consumed += bytes;
    const limit = this.#consumed + window;
    const worthBytes = window * this.#announcedPart;
    const freeBytes = limit - this.#limit;
    this.#riding = freeBytes < worthBytes * RIDING ? undefined : limit;
    return freeBytes < worthBytes ? undefined : this.ride();
  }

  /**
   * To be called when a frame leaves, so that what has become free is announced beside it, and not by a message of its own a
   * little later. @returns the limit to announce, if a sixteenth of the window has become free, or half of `announcedPart`.
   */
  ride(): number | undefined {
    const limit = this.#riding;
    if (limit === undefined) return undefined;
    this.#riding = undefined;
    this.#limit = limit;
    return limit;
  }
}
