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
import { type Channel, CONTROL } from "../channel/channel.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import { encodeCancel } from "../wire/calls.ts";
import type { IncomingStream } from "./incoming-stream.ts";
import type { Line } from "./line.ts";
import type { Question } from "./question.ts";

/** A call that has no answer yet. It settles once, at its deadline at the latest. */
export class PendingCall {
  /** Its number on its line. */
  readonly call: number;
  /** When it began, by the clock's monotonic time. */
  readonly startMs: number;
  readonly #line: Line;
  readonly #question: Question;
  readonly #timer: Timer | undefined;
  readonly #listener: Disposable | undefined;
  #isSent = false;
  #isOver = false;

  constructor(line: Line, question: Question, clock: Clock, startMs: number) {
    this.startMs = startMs;
    this.#line = line;
    this.#question = question;
    this.call = line.begin(this);
    const { signal, deadlineMs, limit } = question;
    if (limit) {
      this.#listener = limit.onOver((error) => this.#giveUp(error));
      return;
    }
    if (deadlineMs !== undefined && Number.isFinite(deadlineMs)) {
      this.#timer = clock.setTimeout(() => this.#giveUp(deadlineError(deadlineMs)), deadlineMs);
    }
    if (signal) this.#listener = onAbort(signal, () => this.#giveUp(abortedError(signal)));
  }

  get onProgress(): ((value: unknown) => void) | undefined {
    return this.#question.onProgress;
  }

  get stream(): IncomingStream | undefined {
    return this.#question.stream;
  }

  /** Asks. What cannot be asked settles at once. */
  send(): void {
    if (this.#isOver) return;
    const { channel } = this.#line;
    try {
      const message = this.#question.encode(this.call);
      if (channel.isQueueing) {
        void this.#sendLater(message);
        return;
      }
      channel.offer(message, this.#question.type);
      this.#isSent = true;
    } catch (error) {
      this.settle(notSent(error, channel));
    }
  }

  settle(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#listener?.[Symbol.dispose]();
    this.#line.end(this.call);
    this.#question.over(outcome);
  }

  /** Others are before it: it waits for its turn, as long as somebody waits for its answer. */
  async #sendLater(message: Uint8Array): Promise<void> {
    const { channel } = this.#line;
    const { type, deadlineMs, limit, signal = limit?.signal } = this.#question;
    try {
      await channel.send(message, type, { signal, deadlineMs });
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

  /** Before all else; and once more behind what may still wait of the question, which would arrive after that. */
  #cancel(): void {
    const { channel } = this.#line;
    tell(channel, encodeCancel(this.call));
    if (channel.isQueueing) tell(channel, encodeCancel(this.call), this.#question.type);
  }
}

/** A courtesy: if it does not arrive, nobody waits for an answer to it. */
export function tell(channel: Channel, message: Uint8Array, type: string = CONTROL): void {
  try {
    if (channel.isOpen) channel.offer(message, type);
  } catch (error) {
    if (!NetworkError.is(error)) throw error;
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
