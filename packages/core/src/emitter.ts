import { abortedError, onAbort, throwIfAborted } from "./abort/aborted.ts";
import { reportUncaught } from "./errors/report.ts";

/** Event names, and the arguments their listeners get. */
export type EventMap = Record<string, readonly unknown[]>;

export type Listener<Args extends readonly unknown[]> = (...args: Args) => void;

/** The reading half of an {@link Emitter}: what a class shows to its users. */
export interface EventSource<Events extends Record<keyof Events, readonly unknown[]>> {
  /** Listens until the result is called. A listener that is added twice is called once. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void;
  /** Takes a listener away; what was never added is ignored. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void;
  /** The next event's arguments. @throws AbortedError when the signal aborts. */
  once<Name extends keyof Events>(
    name: Name,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Events[Name]>;
}

/**
 * A small typed emitter for life-cycle events, the same in Node and browsers. There is no `error` event:
 * failures reject. A listener that throws does not keep the others from being called; its error is
 * reported as uncaught, as with `EventTarget`.
 *
 * @example
 * ```ts
 * const events = new Emitter<{ state: [next: string] }>();
 * const off = events.on("state", (next) => console.log(next));
 * events.emit("state", "open");
 * off();
 * ```
 */
export class Emitter<Events extends Record<keyof Events, readonly unknown[]>>
  implements EventSource<Events>
{
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as Listener<never>));
    return () => this.off(name, listener);
  }

  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    const listeners = this.#listeners.get(name);
    listeners?.delete(listener as Listener<never>);
    if (listeners?.size === 0) this.#listeners.delete(name);
  }

  async once<Name extends keyof Events>(
    name: Name,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Events[Name]> {
    throwIfAborted(signal);
    const { promise, resolve, reject } = Promise.withResolvers<Events[Name]>();
    const off = this.on(name, (...args) => resolve(args));
    using _listener = onAbort(signal, () => signal && reject(abortedError(signal)));
    return await promise.finally(off);
  }

  /** Calls every listener of the moment with `args`, in the order they were added. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    for (const listener of [...listeners]) {
      try {
        (listener as Listener<Events[Name]>)(...args);
      } catch (error) {
        reportUncaught(error);
      }
    }
  }

  /** How many listen to that event. */
  listenerCount(name: keyof Events): number {
    return this.#listeners.get(name)?.size ?? 0;
  }
}

/**
 * A class whose users listen while only it emits: extend it and call `emit`.
 *
 * @example
 * ```ts
 * class Door extends EventPublisher<{ opened: [atMs: number] }> {
 *   open(): void {
 *     this.emit("opened", Date.now());
 *   }
 * }
 * ```
 */
export abstract class EventPublisher<Events extends Record<keyof Events, readonly unknown[]>>
  implements EventSource<Events>
{
  /** For parts of the class that emit on their own. */
  protected readonly events: Emitter<Events> = new Emitter<Events>();

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    return this.events.on(name, listener);
  }

  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    this.events.off(name, listener);
  }

  once<Name extends keyof Events>(
    name: Name,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Events[Name]> {
    return this.events.once(name, options);
  }

  protected emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    this.events.emit(name, ...args);
  }
}
