import { LinkedList } from "../collections/linked-list.ts";

/** Those who are to be called once. Disposing of what `add` gives takes one away again. */
export class Listeners<Value> extends LinkedList<(value: Value) => void> {
  /** Calls each that is still there when its turn comes, in the order they came, and lets go of it. */
  call(value: Value): void {
    for (let next = this.takeFirst(); next; next = this.takeFirst()) next(value);
  }
}
