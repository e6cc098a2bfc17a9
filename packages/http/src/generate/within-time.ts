import { runInNewContext } from "node:vm";

/**
 * Runs work that never waits, and interrupts it after a time: a text can be written so that reading it takes for ever,
 * whatever its length, and no timer fires meanwhile. Undefined if it took longer.
 *
 * @param timeout in ms.
 */
export function withinTime<Result>(
  timeout: number,
  work: () => Result,
): { readonly result: Result } | undefined {
  let result: { readonly result: Result } | undefined;
  const run = (): void => {
    result = { result: work() };
  };
  try {
    // Not for its context, which sees nothing but the function, but for its watchdog.
    runInNewContext("run()", { run }, { timeout: Math.ceil(timeout) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
  }
  return result;
}
