import { arch, cpus, platform } from "node:os";
import type { StepResult } from "./step.ts";

/** The tour for machines: `pnpm demo --once --json`. Durations in ms. */
export interface Report {
  readonly ok: boolean;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly machine: { readonly platform: string; readonly cpus: number; readonly node: string };
  readonly steps: readonly object[];
}

export function report(results: readonly StepResult[], startedAt: Date): Report {
  return {
    ok: results.length > 0 && results.every(({ ok }) => ok),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    machine: {
      platform: `${platform()} ${arch()}`,
      cpus: cpus().length,
      node: process.versions.node,
    },
    steps: results.map(({ seen, ...result }) => ({
      ...result,
      durationMs: Math.round(result.durationMs),
      ...(seen && { seen: seen.facts, words: seen.words }),
    })),
  };
}
