import { type Clock, linkSignals, throwIfAborted } from "@net/core";

/** How long one address is tried before the next one is tried beside it, in ms: RFC 8305's Connection Attempt Delay. */
const STAGGER = 250;

export interface DialFirstOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Where it worked, and what came of it. */
export interface Dialled<T> {
  readonly address: string;
  readonly value: T;
}

/**
 * Dials several addresses of one peer, the likeliest first: the next one when that fails, or has not answered for a
 * quarter of a second (Happy Eyeballs, RFC 8305). Those that are not needed any more are given up.
 *
 * @throws AggregateError with all failures, in the order of the addresses; AbortedError.
 */
export async function dialFirst<T>(
  addresses: readonly string[],
  dial: (address: string, signal: AbortSignal) => Promise<T>,
  { clock, signal }: DialFirstOptions,
): Promise<Dialled<T>> {
  throwIfAborted(signal);
  using limit = linkSignals([signal]);
  const attempts: Promise<Dialled<T>>[] = [];
  for (const address of addresses) {
    attempts.push(dial(address, limit.signal).then((value) => ({ address, value })));
    if (attempts.length < addresses.length && (await isAnswered(attempts, clock))) break;
  }
  try {
    return await Promise.any(attempts);
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    limit.abort();
  }
}

/** Whether one of them worked; not yet, once the last one failed or took too long. */
async function isAnswered(attempts: readonly Promise<unknown>[], clock: Clock): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  using _timer = clock.setTimeout(() => resolve(false), STAGGER);
  const answered = Promise.any(attempts).then(
    () => true,
    () => false,
  );
  const failed = attempts.at(-1)?.then(
    () => true,
    () => false,
  );
  return await Promise.race([answered, late, ...(failed ? [failed] : [])]);
}
