import { AsyncQueue, ConnectionError, NetworkError } from "@net/core";
import type { Failure } from "../tools/outcome.ts";
import { IncomingStream } from "./incoming-stream.ts";
import type { RemoteOutcome } from "./question.ts";

/** Progress that nobody has taken yet; what comes beyond it is dropped, since newer progress will come. */
const MAX_WAITING_PROGRESS = 64;

export interface CallResult<T = unknown> {
  readonly value: T;
  /** The peer that ran it. */
  readonly executedOn: string;
  /** How many peers were tried: always 1 for a call to a named peer. */
  readonly attempts: number;
  /** How many links it went over; 0 for this peer itself. */
  readonly hops: number;
}

/** The result of a call, or why there is none. */
export type CallEnding<T> = CallResult<T> | NetworkError;

/** What takes what comes before the result of a call. */
export interface CallSink {
  readonly onProgress: (value: unknown) => void;
  readonly stream: IncomingStream;
}

/**
 * A call under way: await it for its result, iterate over its progress and its stream meanwhile. Both end when the call
 * does, however that is.
 *
 * A tool that streams goes on only as its stream is read. Who awaits the result and does not read the stream gets the
 * result all the same: the stream is dropped then.
 *
 * @example
 * ```ts
 * const call = network.call("gpu-box", "train", { epochs: 3 });
 * for await (const epoch of call.progress) console.log(epoch);
 * const { value } = await call;
 * ```
 */
export class ToolCall<T = unknown> implements Promise<CallResult<T>> {
  readonly #result: Promise<CallResult<T>>;
  readonly #stream = new IncomingStream();
  #progress: AsyncQueue<unknown> | undefined;
  #early: unknown[] = [];
  #isOver = false;

  /** @param begin starts the call; it is given what takes progress and chunks, and to be told once how the call ended. */
  constructor(begin: (sink: CallSink, end: (ending: CallEnding<T>) => void) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<CallResult<T>>();
    const sink = { onProgress: (value: unknown) => this.#progressed(value), stream: this.#stream };
    this.#result = promise;
    begin(sink, (ending) => {
      if (NetworkError.is(ending)) {
        // Whoever reads the progress first awaits the result only after it: until then, its failure is not unhandled.
        promise.catch(() => {});
        reject(ending);
        this.#over(ending);
      } else {
        resolve(ending);
        this.#over();
      }
    });
  }

  get [Symbol.toStringTag](): string {
    return "ToolCall";
  }

  /** What the tool says of how far it is; the newest 64 that nobody has read yet. */
  get progress(): AsyncIterable<unknown> {
    this.#progress ??= this.#openProgress();
    return this.#progress;
  }

  /** What the tool streams, in order, at the pace at which it is read. Ends with the call's failure, if it fails. */
  get stream(): AsyncIterable<unknown> {
    return this.#stream;
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what it is for.
  then<A = CallResult<T>, B = never>(
    onFulfilled?: ((result: CallResult<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: NetworkError) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#stream.resultAwaited();
    return this.#result.then(onFulfilled, onRejected);
  }

  catch<B = never>(
    onRejected?: ((reason: NetworkError) => B | PromiseLike<B>) | null,
  ): Promise<CallResult<T> | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<CallResult<T>> {
    this.#stream.resultAwaited();
    return this.#result.finally(onFinally);
  }

  #progressed(value: unknown): void {
    if (value === undefined || this.#isOver) return;
    if (this.#progress) this.#progress.push(value);
    else if (this.#early.length < MAX_WAITING_PROGRESS) this.#early.push(value);
  }

  #over(error?: NetworkError): void {
    this.#isOver = true;
    this.#progress?.end();
    this.#stream.end(error);
  }

  #openProgress(): AsyncQueue<unknown> {
    const progress = new AsyncQueue<unknown>({ capacity: MAX_WAITING_PROGRESS });
    for (const value of this.#early) progress.push(value);
    this.#early = [];
    if (this.#isOver) progress.end();
    return progress;
  }
}

/** How a call to a named peer ended. @param isRepeatable whether running it twice does no harm. */
export function callEnding<T>(
  peerId: string,
  outcome: RemoteOutcome,
  isRepeatable: () => boolean,
): CallEnding<T> {
  if (!outcome.ok) return callError(peerId, outcome, isRepeatable());
  return { value: outcome.value as T, executedOn: peerId, attempts: 1, hops: outcome.hops };
}

/**
 * A call that was lost after it was sent may have run: that is `CONNECTION_LOST`, which says "try again", only where
 * running it twice does no harm.
 */
export function callError(peerId: string, failed: Failure, repeatable: boolean): NetworkError {
  const { error, fate } = failed;
  if (fate !== "lost") return error;
  if (repeatable) {
    return new ConnectionError(`${peerId} was lost during a call that may be repeated`, {
      ...{ code: "CONNECTION_LOST", phase: "open", cause: error, details: { peerId } },
    });
  }
  return new NetworkError(
    "OUTCOME_UNKNOWN",
    `${peerId} was lost during a call; whether it ran cannot be known, so it was not repeated`,
    { cause: error, details: { peerId } },
  );
}
