import type { CircuitState } from "@net/core";
import type { LivenessState } from "../liveness/verdict.ts";

/** How one peer stands with an executor. */
export interface ExecutionPeer {
  /** Tries that are there now. */
  readonly inFlight: number;
  /** `open`: it kept losing calls and gets none. */
  readonly circuit: CircuitState;
  /** Whether it answers. */
  readonly state: LivenessState;
}

/** What an executor has done so far. */
export interface ExecutionStats {
  /** Executions that were begun; those of `executeParallel` one by one. */
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Executions under way. */
  readonly running: number;
  /** Tries at another peer, after one that failed or fell silent. */
  readonly failovers: number;
  /** Times a call began anew after all peers had failed, or asked the same peer for what became of it. */
  readonly retries: number;
  /** Second tries at a second peer, because the first took long. */
  readonly hedges: number;
  /** How many of them answered first. */
  readonly hedgesWon: number;
  /** Calls that wait for a place at a peer. */
  readonly waiting: number;
  /** How many succeeded on each peer. */
  readonly executedOn: Readonly<Record<string, number>>;
  /** Peers that were asked. */
  readonly peers: Readonly<Record<string, ExecutionPeer>>;
}

/** What is counted, one by one. */
export type ExecutionCount =
  | "started"
  | "failed"
  | "failovers"
  | "retries"
  | "hedges"
  | "hedgesWon";

/** Counts for {@link ExecutionStats}. */
export class ExecutionCounter {
  readonly #counts: Record<ExecutionCount, number> = {
    ...{ started: 0, failed: 0, failovers: 0, retries: 0, hedges: 0, hedgesWon: 0 },
  };
  readonly #executedOn = new Map<string, number>();

  count(what: ExecutionCount): void {
    this.#counts[what] += 1;
  }

  succeeded(peerId: string): void {
    this.#executedOn.set(peerId, (this.#executedOn.get(peerId) ?? 0) + 1);
  }

  read(): Omit<ExecutionStats, "waiting" | "peers"> {
    const succeeded = [...this.#executedOn.values()].reduce((sum, count) => sum + count, 0);
    const { started, failed } = this.#counts;
    return {
      ...this.#counts,
      ...{ succeeded, running: started - succeeded - failed },
      executedOn: Object.fromEntries(this.#executedOn),
    };
  }
}
