/** A time in which a process did not run. */
interface Pause {
  readonly fromMs: number;
  toMs: number;
  /** Whether its clock stood still too. */
  readonly isSleep: boolean;
}

/** When a process did not run: what it owes meanwhile it can only do after. */
export class Pauses {
  readonly #pauses: Pause[] = [];

  begin(nowMs: number, isSleep: boolean): void {
    this.#pauses.push({ fromMs: nowMs, toMs: Number.POSITIVE_INFINITY, isSleep });
  }

  end(nowMs: number): void {
    const last = this.#pauses.at(-1);
    if (last) last.toMs = nowMs;
  }

  /** When something is due at the latest that began then, and was to be done at `dueMs`. */
  due(beganMs: number, dueMs: number): number {
    let due = dueMs;
    for (const { fromMs, toMs, isSleep } of this.#pauses) {
      if (fromMs > due || toMs < beganMs) continue;
      due = isSleep ? due + toMs - Math.max(fromMs, beganMs) : Math.max(due, toMs);
    }
    return due;
  }
}
