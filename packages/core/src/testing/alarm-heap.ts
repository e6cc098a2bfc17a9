/** Something that is due at a time; of several at one time, the one that was set first. */
export interface Alarm {
  readonly dueMs: number;
  readonly order: number;
}

/** Alarms, the next one first: a binary heap. */
export class AlarmHeap<T extends Alarm> {
  readonly #alarms: T[] = [];

  get first(): T | undefined {
    return this.#alarms[0];
  }

  push(alarm: T): void {
    const alarms = this.#alarms;
    let at = alarms.push(alarm) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(alarm, alarms[parent] as T)) break;
      alarms[at] = alarms[parent] as T;
      at = parent;
    }
    alarms[at] = alarm;
  }

  /** Takes the first away. */
  shift(): T | undefined {
    const { first } = this;
    const last = this.#alarms.pop();
    if (last && this.#alarms.length > 0) this.#sink(last);
    return first;
  }

  /** Puts it in the place of the first, and then where it belongs. */
  #sink(alarm: T): void {
    const alarms = this.#alarms;
    let at = 0;
    for (let child = this.#earlierChild(at); child !== undefined; child = this.#earlierChild(at)) {
      if (!isBefore(alarms[child] as T, alarm)) break;
      alarms[at] = alarms[child] as T;
      at = child;
    }
    alarms[at] = alarm;
  }

  #earlierChild(at: number): number | undefined {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    if (left >= this.#alarms.length) return undefined;
    const isRight =
      right < this.#alarms.length &&
      isBefore(this.#alarms[right] as Alarm, this.#alarms[left] as Alarm);
    return isRight ? right : left;
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
