import { abortedError, type Clock, linkSignals, onAbort, type Timer } from "@net/core";

/** RFC 8305 §5: the recommended Connection Attempt Delay, in ms. */
const ATTEMPT_DELAY = 250;

export interface RaceOptions<Result> {
  /** Ends what a loser opened before it learnt that it had lost. */
  readonly discard: (result: Result) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Tries candidates as RFC 8305 §5 says: the next one starts 250 ms after the one before, or as soon as one failed;
 * earlier attempts go on meanwhile. The first that succeeds wins and the others are aborted.
 *
 * @param attempt must end what it opened when its signal aborts.
 * @throws what the attempts threw, as an AggregateError where there are several, once all have failed.
 */
export async function raceAttempts<Candidate, Result>(
  candidates: readonly Candidate[],
  attempt: (candidate: Candidate, signal: AbortSignal) => Promise<Result>,
  { clock, signal, discard }: RaceOptions<Result>,
): Promise<Result> {
  using losers = linkSignals([signal]);
  const won = Promise.withResolvers<Result>();
  const errors: unknown[] = [];
  let next = 0;
  let timer: Timer | undefined;

  const startNext = (): void => {
    timer?.cancel();
    const candidate = candidates[next];
    if (candidate === undefined) return;
    next++;
    attempt(candidate, losers.signal).then(succeeded, failed);
    timer = clock.setTimeout(startNext, ATTEMPT_DELAY);
  };
  const succeeded = (result: Result): void => {
    if (losers.signal.aborted) discard(result);
    won.resolve(result);
    losers.abort();
  };
  const failed = (error: unknown): void => {
    errors.push(error);
    if (errors.length === candidates.length) won.reject(inOne(errors));
    else startNext();
  };

  using _abort = onAbort(signal, () => signal && won.reject(abortedError(signal)));
  startNext();
  try {
    return await won.promise;
  } finally {
    next = candidates.length;
    timer?.cancel();
  }
}

function inOne(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  return new AggregateError(errors, "every address failed");
}
