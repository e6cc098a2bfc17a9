import { abortable, type Clock } from "@net/core";

/** The most keys remembered; the one that was used first is forgotten first. */
const MAX_PLACES = 16_384;
/** How long a key is remembered after its last use, in ms: as long as a ledger keeps what became of it. */
const REMEMBER = 600_000;

/** Where a keyed call was sent that may run only once. */
export interface Place {
  readonly peerId: string;
  /** Of the peer's process. */
  readonly incarnation: string;
}

/**
 * Where the calls with a key went from here: a key that may have run at one peer is never taken to another one. Calls with
 * the same key go one after the other, so that the second knows where the first one went.
 */
export class KeyedCalls {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place & { readonly atMs: number }>();
  /** The end of the last call that came, for each key. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits until no other call has that key. Dispose of the result when this one has ended. @throws AbortedError */
  async turn(id: string, signal: AbortSignal): Promise<Disposable> {
    const before = this.#turns.get(id);
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = Promise.all([before, promise]).then(() => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    });
    this.#turns.set(id, turn);
    try {
      await abortable(before ?? Promise.resolve(), signal);
    } catch (error) {
      resolve();
      throw error;
    }
    return { [Symbol.dispose]: resolve };
  }

  place(id: string): Place | undefined {
    const place = this.#places.get(id);
    if (!place || this.#clock.monotonicMs() - place.atMs < REMEMBER) return place;
    this.#places.delete(id);
    return undefined;
  }

  /** The call is about to be sent there. */
  sent(id: string, place: Place): void {
    this.#places.delete(id);
    this.#places.set(id, { ...place, atMs: this.#clock.monotonicMs() });
    const [oldest] = this.#places.keys();
    if (this.#places.size > MAX_PLACES && oldest !== undefined) this.#places.delete(oldest);
  }

  /** A try there has ended, after however long: it is remembered from now on, as by the peer's ledger. */
  used(id: string): void {
    const place = this.#places.get(id);
    if (place) this.sent(id, place);
  }

  /** It certainly did not run there. */
  notRun(id: string): void {
    this.#places.delete(id);
  }
}
