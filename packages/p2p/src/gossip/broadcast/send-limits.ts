import { type Clock, RateLimitError, TokenBucket, ValidationError } from "@net/core";
import { MAX_LIFETIME } from "./message.ts";

/** What one peer may send: so many broadcasts, and bytes of them, at once, and so many a second. */
const MESSAGES = { capacity: 256, perSecond: 100 } as const;
const BYTES = { capacity: 2 ** 24, perSecond: 2 ** 22 } as const;

/** Keeps this peer's broadcasts within what others take. */
export class SendLimits {
  readonly #maxPayloadBytes: number;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(maxPayloadBytes: number, clock: Clock) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#messages = new TokenBucket({ ...MESSAGES, clock });
    this.#bytes = new TokenBucket({ ...BYTES, clock });
  }

  /** @throws ValidationError if it is too large or its lifetime out of range; RateLimitError if there were too many. */
  take(payloadBytes: number, lifetime: number): void {
    this.#assertSize(payloadBytes);
    assertLifetime(lifetime);
    const waitMs = Math.max(this.#messages.waitMs(), this.#bytes.waitMs(payloadBytes));
    if (waitMs > 0) {
      const retryAfterMs = Math.ceil(waitMs);
      throw new RateLimitError("this peer broadcasts more than others take", { retryAfterMs });
    }
    this.#messages.tryTake();
    this.#bytes.tryTake(payloadBytes);
  }

  #assertSize(bytes: number): void {
    if (bytes <= this.#maxPayloadBytes) return;
    const message = `a broadcast of ${bytes} bytes is over the limit of ${this.#maxPayloadBytes}`;
    throw new ValidationError(message, { code: "FRAME_TOO_LARGE" });
  }
}

function assertLifetime(lifetime: number): void {
  if (Number.isInteger(lifetime) && lifetime >= 1 && lifetime <= MAX_LIFETIME) return;
  throw new ValidationError(`a broadcast's lifetime must be 1 to ${MAX_LIFETIME} whole ms`, {
    issues: [{ message: `must be 1 to ${MAX_LIFETIME} whole ms`, path: ["lifetime"] }],
  });
}
