import { AsyncQueue, ConnectionError, NetworkError } from "@net/core";
import type { Failure } from "../tools/outcome.ts";
import type { RemoteOutcome } from "./outgoing.ts";

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

/**
 * A call under way: await it for its result, iterate over its progress meanwhile. The progress ends when the call
 * does, however that is.
 *
 * @example
 * ```ts
 * const call = network.call("gpu-box", "train", { epochs: 3 });
 * for await (const epoch of call.progress) console.log(epoch);
 * const { value } = await call;
 * ```
 */
export class ToolCall<T = unknown> implements PromiseLike<CallResult<T>> {
  readonly progress: AsyncIterable<unknown>;
  readonly #result: Promise<CallResult<T>>;

  /** @param run starts the call; it is given what takes progress. */
  constructor(run: (onProgress: (value: unknown) => void) => Promise<CallResult<T>>) {
    const progress = new AsyncQueue<unknown>({ capacity: MAX_WAITING_PROGRESS });
    const onProgress = (value: unknown): void => {
      if (!progress.ended && value !== undefined) progress.push(value);
    };
    this.progress = progress;
    this.#result = run(onProgress).finally(() => progress.end());
    // Whoever reads the progress first awaits the result only after it: until then, its failure is not unhandled.
    this.#result.catch(() => {});
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what it is for.
  then<A = CallResult<T>, B = never>(
    onFulfilled?: ((result: CallResult<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.#result.then(onFulfilled, onRejected);
  }
}

/** The result of a call to a named peer. @throws what the caller gets to see of a failure, see {@link callError}. */
export function callResult(
  peerId: string,
  outcome: RemoteOutcome,
  repeatable: boolean,
): CallResult {
  if (!outcome.ok) throw callError(peerId, outcome, repeatable);
  return { value: outcome.value, executedOn: peerId, attempts: 1, hops: outcome.hops };
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
