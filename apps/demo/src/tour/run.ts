import { toNetworkError } from "@net/core";
import type { Screen } from "../screen/checklist.ts";
import type { Step, StepResult } from "./step.ts";
import type { World } from "./world.ts";

/** No step of the tour takes this long unless something hangs. */
const STEP_TIMEOUT = 30_000;

/** Runs the steps one after the other, up to the first that fails. */
export async function runTour(
  steps: readonly Step[],
  world: World,
  screen: Screen,
  signal: AbortSignal,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) {
    screen.begin(step);
    const result = await runStep(step, world, signal);
    // Interrupted is not failed: whoever interrupted knows.
    if (signal.aborted) break;
    screen.end(result);
    results.push(result);
    if (!result.ok) break;
  }
  return results;
}

async function runStep(step: Step, world: World, signal: AbortSignal): Promise<StepResult> {
  const { name, title } = step;
  const start = performance.now();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(STEP_TIMEOUT)]);
  const result = (): Omit<StepResult, "ok"> => ({
    name,
    title,
    durationMs: performance.now() - start,
  });
  try {
    const seen = await step.run(world, limited);
    return { ...result(), ok: true, seen };
  } catch (error) {
    return { ...result(), ok: false, error: describe(error, limited) };
  }
}

function describe(error: unknown, signal: AbortSignal): string {
  const { code, message } = toNetworkError(error);
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return timedOut
    ? `nothing happened within ${STEP_TIMEOUT} ms (${message})`
    : `${code}: ${message}`;
}
