import {
  abortedError,
  assertAmount,
  ClosedError,
  Emitter,
  onAbort,
  ProtocolError,
  throwIfAborted,
  ValidationError,
} from "@net/core";
import { creditNeed, INITIAL_CREDIT_BYTES } from "./credit-need.ts";

interface Taker {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The sender's side of a window: how much the receiver allows. What it allows is a total since the beginning, as
 * `MAX_DATA` is in QUIC (RFC 9000 §4.1): an announcement that comes twice or late does no harm. One for each link, and
 * for each stream; a new link begins with a new one.
 */
export class SendCredit {
  readonly #events = new Emitter<{ granted: readonly [] }>();
  readonly #takers = new Set<Taker>();
  #limit: number;
  #sent = 0;
  #end: ClosedError | undefined;

  /** @param initialBytes what the receiver allows at first, by agreement. @throws ValidationError */
  constructor(initialBytes: number = INITIAL_CREDIT_BYTES) {
    this.#limit = assertAmount(initialBytes, "initialBytes");
  }

  /** What may be sent at the moment; negative after a frame larger than what was left. */
  get availableBytes(): number {
    return this.#limit - this.#sent;
  }

  /** Takes the credit for a frame if it is there and nobody waits for some. @throws ValidationError */
  tryTake(bytes: number): boolean {
    assertAmount(bytes, "bytes");
    if (this.#takers.size > 0 || !this.#has(bytes)) return false;
    this.#sent += bytes;
    return true;
  }

  /**
   * Takes the credit for a frame as soon as it is there; who comes first is served first.
   *
   * @throws AbortedError; ClosedError when the link is gone.
   */
  async take(bytes: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    throwIfAborted(signal);
    if (this.#end) throw this.#end;
    if (this.tryTake(bytes)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const taker: Taker = { bytes, resolve, reject };
    this.#takers.add(taker);
    using _listener = onAbort(signal, () => signal && this.#withdraw(taker, signal));
    await promise;
  }

  /** A frame whose credit was taken was not sent after all. @throws ValidationError if so much was never taken. */
  giveBack(bytes: number): void {
    if (!(bytes >= 0 && bytes <= this.#sent)) {
      throw new ValidationError(`${bytes} bytes cannot be given back of ${this.#sent}`);
    }
    this.#sent -= bytes;
    this.#serve();
  }

  /**
   * The receiver allows that much in all. Less than it did before changes nothing: it was said earlier.
   *
   * @throws ProtocolError if that is no whole number of 0 or more.
   */
  granted(limitBytes: number): void {
    if (!Number.isSafeInteger(limitBytes) || limitBytes < 0) {
      throw new ProtocolError(`a credit must be a whole number of 0 or more, not ${limitBytes}`);
    }
    if (limitBytes <= this.#limit) return;
    this.#limit = limitBytes;
    this.#serve();
  }

  /** Calls back when there is more credit, until the result is called. */
  onGranted(listener: () => void): () => void {
    return this.#events.on("granted", listener);
  }

  /** The link is gone: whoever waits gets a `ClosedError`. */
  close(error?: unknown): void {
    if (this.#end) return;
    this.#end = new ClosedError("the link whose credit it was is gone", { cause: error });
    for (const { reject } of this.#takers) reject(this.#end);
    this.#takers.clear();
  }

  #has(bytes: number): boolean {
    return this.availableBytes >= creditNeed(bytes);
  }

  #serve(): void {
    for (const taker of this.#takers) {
      if (!this.#has(taker.bytes)) return;
      this.#takers.delete(taker);
      this.#sent += taker.bytes;
      taker.resolve();
    }
    this.#events.emit("granted");
  }

  #withdraw(taker: Taker, signal: AbortSignal): void {
    if (!this.#takers.delete(taker)) return;
    taker.reject(abortedError(signal));
    this.#serve();
  }
}
