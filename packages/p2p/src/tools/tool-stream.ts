import { setImmediate as turn } from "node:timers/promises";
import { abortable, onAbort, throwIfAborted } from "@net/core";

/**
 * After so many values the event loop has its turn: a stream that waits for nothing, and whose values nobody wants, would
 * hold up everything else, and neither a deadline nor a cancel would ever come.
 */
const VALUES_PER_TURN = 256;

/** Takes one value of a stream; the next one is not asked for before the result has resolved. */
export type ChunkSink = (value: unknown) => void | PromiseLike<void>;

/** True for what an async generator function returns. */
export function isStream(value: unknown): value is AsyncIterable<unknown, unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/**
 * Hands on what a stream yields, and gives what it returns. When the signal aborts, or the sink fails, the stream is
 * told to end (`return`), and has done so when this rejects.
 */
export async function drain(
  stream: AsyncIterable<unknown, unknown>,
  sink: ChunkSink,
  signal: AbortSignal,
): Promise<unknown> {
  const iterator = stream[Symbol.asyncIterator]();
  let ending: Promise<unknown> | undefined;
  const end = (): Promise<unknown> => {
    ending ??= (async () => await iterator.return?.())();
    return ending;
  };
  // At once, and not after the value it is at work on: what waits for its source must be let go.
  using _listener = onAbort(signal, () => void end().catch(() => {}));
  try {
    return await pump(iterator, sink, signal);
  } catch (error) {
    // Whatever its clean-up throws, the first failure is the one that counts.
    await end().catch(() => {});
    throw error;
  }
}

async function pump(
  iterator: AsyncIterator<unknown, unknown>,
  sink: ChunkSink,
  signal: AbortSignal,
): Promise<unknown> {
  for (let values = 1; ; values++) {
    const step = await iterator.next();
    if (step.done) return step.value;
    throwIfAborted(signal);
    const taken = sink(step.value);
    if (taken) await abortable(taken, signal);
    if (values % VALUES_PER_TURN === 0) await turn();
  }
}
