/**
 * Tells the deliveries of a user that the inbox has grown. A wake-up carries nothing: whoever is woken looks into
 * the store, so that one that gets lost loses no message.
 */
export class WakeUps {
  readonly #sleepers = new Map<string, Set<() => void>>();

  /** Calls back at each wake-up of that user, until disposed. */
  listen(userId: string, callback: () => void): Disposable {
    const sleepers = this.#sleepers.get(userId) ?? new Set();
    this.#sleepers.set(userId, sleepers.add(callback));
    return { [Symbol.dispose]: () => this.#forget(userId, callback) };
  }

  wake(userId: string): void {
    for (const callback of this.#sleepers.get(userId) ?? []) callback();
  }

  #forget(userId: string, callback: () => void): void {
    const sleepers = this.#sleepers.get(userId);
    sleepers?.delete(callback);
    if (sleepers?.size === 0) this.#sleepers.delete(userId);
  }
}
