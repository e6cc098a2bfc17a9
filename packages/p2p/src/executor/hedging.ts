import { assertAmount, assertRatio } from "@net/core";
import type { HedgeOptions } from "./execution.ts";
import { RecentLatencies } from "./recent-latencies.ts";

/** Second tries per call that may have one (J. Dean and L. Barroso, "The Tail at Scale", CACM 56, 2013). */
const DEFAULT_BUDGET = 0.05;
/** Second tries that may be saved up. */
const MAX_SAVED = 10;
/** The fewest ms before a second try: a timer is not finer. */
const MIN_DELAY = 1;

/** Decides when a second peer is asked: late enough and seldom enough that it costs little. One for all calls of an executor. */
export class Hedging {
  readonly #latencies = new RecentLatencies();
  #saved = 0;

  /** A call of the tool took so long, or so long at least. */
  record(tool: string, tookMs: number): void {
    this.#latencies.record(tool, tookMs);
  }

  /** What 95 % of the tool's latest calls did not exceed, in ms; undefined before there were 20. */
  p95Ms(tool: string): number | undefined {
    return this.#latencies.p95Ms(tool);
  }

  /**
   * A call that may have a second try begins: it adds its part to what is saved.
   *
   * @returns after how many ms the second try starts; undefined if that cannot be said yet.
   * @throws ValidationError
   */
  begin(tool: string, hedge: boolean | HedgeOptions | undefined): number | undefined {
    const { after, budget = DEFAULT_BUDGET } = readHedge(hedge);
    if (!hedge) return undefined;
    this.#saved = Math.min(MAX_SAVED, this.#saved + budget);
    const delay = after ?? this.p95Ms(tool);
    return delay === undefined ? undefined : Math.max(MIN_DELAY, delay);
  }

  /** Whether a second try may be made now; if so, it is paid for. */
  tryTake(): boolean {
    // Twenty times 0.05 is a little less than 1.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}

function readHedge(hedge: boolean | HedgeOptions | undefined): HedgeOptions {
  if (typeof hedge !== "object") return {};
  if (hedge.after !== undefined) assertAmount(hedge.after, "hedge.after");
  if (hedge.budget !== undefined) assertRatio(hedge.budget, "hedge.budget");
  return hedge;
}
