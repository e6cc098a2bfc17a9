import {
  abortedError,
  type Clock,
  ClosedError,
  NetworkError,
  NetworkTimeoutError,
  onAbort,
  type Timer,
  toNetworkError,
} from "@net/core";
import type { Channel } from "../channel/channel.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import type { IncomingStream } from "./incoming-stream.ts";

/** What a call needs to begin. */
export interface CallStart {
  /** How urgent it is. */
  readonly type: string;
  /** The question, once its number is known. */
  readonly encode: (call: number) => Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  readonly stream?: IncomingStream | undefined;
}

/** A call that has no answer yet. It settles once, at its deadline at the latest. */
export class PendingCall {
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly stream: IncomingStream | undefined;
  /** When it began, by the clock's monotonic time. */
  readonly startMs: number;
  readonly #over: (outcome: Outcome) => void;
  readonly #cancel: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #deadlineMs: number | undefined;
  readonly #timer: Timer | undefined;
  readonly #listener: Disposable | undefined;
  #isSent = false;
  #isOver = false;

  /**
   * @param over called once, with how it ended.
   * @param cancel tells the other end that nobody waits any more.
   */
  constructor(
    start: CallStart,
    clock: Clock,
    over: (outcome: Outcome) => void,
    cancel: () => void,
  ) {
    const { signal, deadlineMs } = start;
    this.onProgress = start.onProgress;
    this.stream = start.stream;
    this.startMs = clock.monotonicMs();
    this.#over = over;
    this.#cancel = cancel;
    this.#signal = signal;
    this.#deadlineMs = deadlineMs;
    if (deadlineMs !== undefined && Number.isFinite(deadlineMs)) {
      this.#timer = clock.setTimeout(() => this.#giveUp(deadlineError(deadlineMs)), deadlineMs);
    }
    if (signal) this.#listener = onAbort(signal, () => this.#giveUp(abortedError(signal)));
  }

  /** Asks. What cannot be asked settles at once. */
  send(channel: Channel, encode: (call: number) => Uint8Array, call: number, type: string): void {
    try {
      const waiting = channel.post(encode(call), type, {
        signal: this.#signal,
        deadlineMs: this.#deadlineMs,
      });
      if (waiting) void this.#sendLater(waiting, channel);
      else this.#isSent = true;
    } catch (error) {
      this.settle(notSent(error, channel));
    }
  }

  settle(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#listener?.[Symbol.dispose]();
    this.#over(outcome);
  }

  async #sendLater(waiting: Promise<void>, channel: Channel): Promise<void> {
    try {
      await waiting;
      this.#isSent = true;
    } catch (error) {
      this.settle(notSent(error, channel));
    }
  }

  #giveUp(error: NetworkError): void {
    if (this.#isOver) return;
    if (this.#isSent) this.#cancel();
    this.settle(failure("given-up", error));
  }
}

/** A channel that ends before a question has left it was lost, not closed by us. */
function notSent(error: unknown, { peerId }: Channel): Outcome {
  const known = toNetworkError(error, { doing: "call", address: peerId });
  if (!ClosedError.is(known)) return failure("not-run", known);
  return failure("not-run", new NetworkError("CONNECTION_LOST", known.message, { cause: known }));
}

function deadlineError(timeoutMs: number): NetworkTimeoutError {
  return new NetworkTimeoutError(`not done within its deadline of ${timeoutMs} ms`, {
    kind: "deadline",
    timeoutMs,
  });
}
