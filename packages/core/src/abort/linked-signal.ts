import { onAbort } from "./aborted.ts";

/** A signal of one's own that also aborts with others. Dispose it when the call ends. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts this signal only. */
  abort(reason?: unknown): void;
}

/**
 * One signal that aborts as soon as any of `sources` does, with the same reason.
 *
 * Unlike `AbortSignal.any`, it is let go by disposing it: the sources, which may live as long as the
 * process, then hold no listener and no reference.
 *
 * @example
 * ```ts
 * using linked = linkSignals([options.signal, this.#closing.signal]);
 * await fetch(url, { signal: linked.signal });
 * ```
 */
export function linkSignals(sources: Iterable<AbortSignal | undefined>): LinkedSignal {
  const controller = new AbortController();
  const listeners: Disposable[] = [];
  for (const source of sources) {
    listeners.push(onAbort(source, () => controller.abort(source?.reason)));
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => {
      for (const listener of listeners.splice(0)) listener[Symbol.dispose]();
    },
  };
}
