import type { LivenessTiming } from "./timing.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** What decides when a neighbour is probed that owes no answer to a probe. Moments, not durations. */
export interface Quiet {
  readonly heardAtMs: number;
  /** Of the last round trip. */
  readonly measuredAtMs: number;
  readonly probedAtMs: number;
  readonly isOurTurn: boolean;
  /** Since when something else is not answered: a call, or what it was to pass on. */
  readonly owedSinceMs: number | undefined;
  readonly saysBusy: boolean;
}

/** When it is probed next. */
export function nextProbeAtMs(quiet: Quiet, timing: LivenessTiming): number {
  const { heardAtMs, measuredAtMs, probedAtMs, owedSinceMs = NEVER } = quiet;
  return Math.min(
    heardAtMs + (quiet.isOurTurn ? timing.idleMs : timing.idleBackupMs),
    measuredAtMs + timing.measureMs,
    Math.max(heardAtMs, owedSinceMs) + timing.owedMs,
    quiet.saysBusy ? probedAtMs + timing.busyRepeatMs : NEVER,
  );
}
