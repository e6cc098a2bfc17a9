import { abortable, type Clock, type Rng, sleep, throwIfAborted } from "@net/core";
import type { DrainProgress } from "./options.ts";

/** Somebody who is to be sent away. */
export interface Leaver {
  sendAway(): void;
  /** Resolves when he has left; never rejects. */
  readonly left: Promise<unknown>;
}

interface DrainPlan {
  readonly leavers: readonly Leaver[];
  /** In ms. */
  readonly window: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: DrainProgress) => void) | undefined;
}

/** Several leave in one moment where their turns are less than this apart: a timer each would be too many. */
const STEP_MS = 20;

/** Sends everybody away, evenly over the window and in no order, until all have left. @throws AbortedError */
export async function drainAll(plan: DrainPlan): Promise<void> {
  const { leavers, window, clock, rng, signal, onProgress } = plan;
  throwIfAborted(signal);
  const total = leavers.length;
  let left = total;
  const leaving = leavers.map(async (leaver) => {
    await leaver.left;
    left--;
    onProgress?.({ total, left });
  });
  const gone = Promise.all(leaving);
  // Should the signal abort first, or the callback throw, it is looked at later, or by nobody.
  gone.catch(() => {});
  const queue = shuffled(leavers, rng);
  const startMs = clock.monotonicMs();
  while (queue.length > 0 && left > 0) {
    const elapsedMs = clock.monotonicMs() - startMs;
    const share = window === 0 ? 1 : Math.min(1, (elapsedMs + STEP_MS) / window);
    const due = Math.max(0, queue.length - Math.floor(total * (1 - share)));
    for (const leaver of queue.splice(0, due)) leaver.sendAway();
    if (queue.length > 0) await sleep(STEP_MS, { clock, signal });
  }
  await abortable(gone, signal);
}

/** Fisher and Yates's shuffle. */
function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(rng.next() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
