import { NetworkError, ProtocolError, RetryPace, type RetryPaceOptions } from "@net/core";
import { isRetryable } from "../../client/reconnect-policy.ts";

interface ReturnPolicyOptions extends RetryPaceOptions {
  /** Whether a token that was refused can be replaced by another. */
  readonly hasFreshTokens: boolean;
}

/** An attempt that comes. */
export interface Return {
  readonly attempt: number;
  readonly delayMs: number;
}

/** Whether, and when, a client comes back. PROTOCOL.md, "Farewell", has the rules. */
export class ReturnPolicy {
  readonly #pace: RetryPace;
  readonly #options: ReturnPolicyOptions;
  #isOpen = false;
  #wasOpen = false;
  #spreadMs = 0;
  #refusals = 0;

  constructor(options: ReturnPolicyOptions) {
    this.#options = options;
    this.#pace = new RetryPace(options);
  }

  /** The number of the attempt that comes next, or is being made. */
  get attempt(): number {
    return this.#pace.attempt;
  }

  /** @param spreadMs within how long to come back if this link is lost without a word. */
  opened(spreadMs: number): void {
    this.#isOpen = true;
    this.#wasOpen = true;
    this.#refusals = 0;
    this.#spreadMs = spreadMs;
    this.#pace.opened();
  }

  /**
   * @param isDialling whether the link was being dialled when it failed.
   * @returns undefined if trying again would only repeat it.
   */
  next(error: NetworkError, isDialling: boolean): Return | undefined {
    const isFinal = this.#isFinal(error, isDialling);
    this.#isOpen = false;
    if (isFinal) return undefined;
    const attempt = this.#pace.failed(isSudden(error) ? this.#spreadMs : 0);
    return { attempt, delayMs: this.#delayMs(error, attempt) };
  }

  #isFinal(error: NetworkError, isDialling: boolean): boolean {
    if (error.code === "AUTHENTICATION_FAILED") return this.#isRefused();
    if (NetworkError.is(error, "DEADLINE_EXCEEDED")) return false;
    // What failed here, in the store for instance, may pass if it ever worked.
    if (error.code === "INTERNAL" || error.code === "CONFLICT") return !this.#wasOpen;
    // A broken handshake is the network's doing, a broken session the other end's.
    if (ProtocolError.is(error) && !isDialling) return true;
    return !isRetryable({ error }, this.#wasOpen);
  }

  /** A token that is asked for may be better the second time; a link that was open may end with its token. */
  #isRefused(): boolean {
    if (this.#isOpen) return false;
    return !this.#options.hasFreshTokens || ++this.#refusals > 1;
  }

  #delayMs(error: NetworkError, attempt: number): number {
    // The token was refused, or has expired: once more, at once, with another.
    const isToken = error.code === "AUTHENTICATION_FAILED";
    if (isToken && (attempt === 1 || this.#refusals === 1)) return 0;
    return this.#pace.delayMs(error);
  }
}

/** A link that was lost without a word of when to come back: perhaps everybody's. */
function isSudden({ details }: NetworkError): boolean {
  return details.reason !== undefined && details.retryAfterMs === undefined;
}
