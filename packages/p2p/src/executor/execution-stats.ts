/** What an executor has done so far. */
export interface ExecutionStats {
  /** Executions that were begun; those of `executeParallel` one by one. */
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Executions under way. */
  readonly running: number;
  /** How often an execution went on to another peer. */
  readonly failovers: number;
  /** How many succeeded on each peer. */
  readonly executedOn: Readonly<Record<string, number>>;
}

/** Counts for {@link ExecutionStats}. */
export class ExecutionCounter {
  #started = 0;
  #failed = 0;
  #failovers = 0;
  readonly #executedOn = new Map<string, number>();

  started(): void {
    this.#started += 1;
  }

  succeeded(peerId: string): void {
    this.#executedOn.set(peerId, (this.#executedOn.get(peerId) ?? 0) + 1);
  }

  failed(): void {
    this.#failed += 1;
  }

  failedOver(): void {
    this.#failovers += 1;
  }

  read(): ExecutionStats {
    const succeeded = [...this.#executedOn.values()].reduce((sum, count) => sum + count, 0);
    return {
      ...{ started: this.#started, succeeded, failed: this.#failed, failovers: this.#failovers },
      running: this.#started - succeeded - this.#failed,
      executedOn: Object.fromEntries(this.#executedOn),
    };
  }
}
