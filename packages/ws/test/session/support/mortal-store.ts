import { type Clock, type Rng, sleep } from "@net/core";
import type { SessionStore } from "@net/ws/session";

/** A process's way to a store: it takes its time, and once the process is killed nothing gets through or comes back. */
export class MortalStore {
  readonly store: SessionStore<unknown>;
  #isDead = false;

  constructor(store: SessionStore<unknown>, clock: Clock, rng: Rng) {
    this.store = new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...args: unknown[]) => {
          await sleep(Math.floor(rng.next() * 20), { clock });
          await this.#alive();
          const result: unknown = await Reflect.apply(method, target, args);
          await this.#alive();
          return result;
        };
      },
    });
  }

  kill(): void {
    this.#isDead = true;
  }

  /** Never resolves once it is killed. */
  async #alive(): Promise<void> {
    if (this.#isDead) await new Promise(() => {});
  }
}
