/** Where it is there, it runs when what the platform has read is processed, and before it waits for more. */
const immediate = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate;

/** Runs the callback once this turn of the event loop is over, promise jobs included. */
export const tick: (callback: () => void) => void = immediate
  ? (callback) => void immediate(callback)
  : (callback) => void setTimeout(callback, 0);

/** Resolves once what was sent in this turn has left. A browser's socket does not wait for the end of the turn. */
export const nextTurn: () => Promise<void> = immediate
  ? () => new Promise((resolve) => void immediate(resolve))
  : () => Promise.resolve();
