import { abortedError, OverloadedError, onAbort, ValidationError } from "@net/core";
import type { Call } from "../call/call.ts";
import type { Answer } from "../wire/answer.ts";
import { PerOrigin } from "./per-origin.ts";
import type { Sender } from "./send.ts";

export interface ConcurrencyOptions {
  /** Requests to one origin at the same moment. */
  readonly max: number;
  /** Requests that may wait for their turn; one more is refused. Default Infinity. */
  readonly maxQueued?: number | undefined;
}

/** Lets so many requests to an origin be under way; the others wait in turn. A stream counts until its end. */
export function limiting(next: Sender, options: number | ConcurrencyOptions): Sender {
  const { max, maxQueued = Number.POSITIVE_INFINITY } =
    typeof options === "number" ? { max: options } : options;
  if (!(max >= 1)) throw new ValidationError(`maxConcurrency must be 1 or more, not ${max}`);
  if (!(maxQueued >= 0)) {
    throw new ValidationError(`maxConcurrency.maxQueued must be 0 or more, not ${maxQueued}`);
  }
  const gates = new PerOrigin((origin) => new Turnstile(origin, max, maxQueued));
  return async (call, send): Promise<Answer> => {
    const gate = gates.of(send.target.origin);
    await gate.enter(call);
    try {
      const answer = await next(call, send);
      if (answer.body) answer.body.onEnd(() => gate.leave());
      else gate.leave();
      return answer;
    } catch (error) {
      gate.leave();
      throw error;
    }
  };
}

class Turnstile {
  readonly #origin: string;
  readonly #max: number;
  readonly #maxQueued: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(origin: string, max: number, maxQueued: number) {
    this.#origin = origin;
    this.#max = max;
    this.#maxQueued = maxQueued;
  }

  async enter({ signal }: Call): Promise<void> {
    if (this.#inside + 1 <= this.#max) {
      this.#inside++;
      return;
    }
    if (this.#waiting.size >= this.#maxQueued) throw this.#full();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    using _listener = onAbort(signal, () => {
      if (this.#waiting.delete(resolve)) reject(abortedError(signal));
    });
    await promise;
  }

  /** Hands its place to who has waited longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next();
    } else this.#inside--;
  }

  #full(): OverloadedError {
    return new OverloadedError(`${this.#maxQueued} requests to ${this.#origin} wait already`);
  }
}
