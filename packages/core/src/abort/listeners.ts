import { LinkedList } from "../collections/linked-list.ts";

/** Those who are to be called once. Disposing of what `add` gives takes one away again. */
export class Listeners<Value> {
  readonly #list = new LinkedList<(value: Value) => void>();

  get isEmpty(): boolean {
    return this.#list.size === 0;
  }

  add(listener: (value: Value) => void): Disposable {
    return this.#list.add(listener);
  }

  /** Calls each that is still there when its turn comes, in the order they came, and lets go of it. */
  call(value: Value): void {
    for (let next = this.#list.takeFirst(); next; next = this.#list.takeFirst()) next(value);
  }
}
