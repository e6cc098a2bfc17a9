import { abortedError, LinkedList, onAbort } from "@net/core";

interface Waiter {
  readonly hasRoom: () => boolean;
  /** Never throws. */
  readonly enter: () => void;
}

/** Those who wait until there is room in a queue, in the order they came. */
export class Patience {
  readonly #waiting = new LinkedList<Waiter>();
  #isWaking = false;

  /**
   * Enters when there is room, and nobody has waited for longer.
   *
   * @throws what `enter` throws; AbortedError, NetworkTimeoutError `DEADLINE_EXCEEDED` if the signal aborts before.
   */
  async inTurn<T>(
    hasRoom: () => boolean,
    enter: () => T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#waiting.size === 0 && hasRoom()) return enter();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const entered = (): void => {
      try {
        resolve(enter());
      } catch (error) {
        reject(error);
      }
    };
    using place = this.#waiting.add({ hasRoom, enter: entered });
    using _listener = onAbort(signal, () => {
      place.remove();
      if (signal) reject(abortedError(signal));
    });
    return await promise;
  }

  /** There may be room. Whoever enters may make that somebody calls this again: one loop serves all. */
  wake(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    for (let next = this.#waiting.first; next?.hasRoom(); next = this.#waiting.first) {
      this.#waiting.takeFirst();
      next.enter();
    }
    this.#isWaking = false;
  }

  /** Nobody need wait any longer: all find out why. */
  end(): void {
    for (let next = this.#waiting.takeFirst(); next; next = this.#waiting.takeFirst()) next.enter();
  }
}
