import { backpressure } from "./backpressure.ts";
import { closing } from "./closing.ts";
import { dialling } from "./dialling.ts";
import { frames } from "./frames.ts";
import type { ConformanceCase, TransportHarness } from "./harness.ts";
import { optional } from "./optional.ts";
import { pausing } from "./pausing.ts";

/**
 * The promises of `Transport` and `Link`, one case each, for any test runner.
 *
 * @example
 * ```ts
 * for (const { name, run } of linkConformance(harness)) test(name, ({ signal }) => run(signal));
 * ```
 */
export function linkConformance(harness: TransportHarness): readonly ConformanceCase[] {
  const all = { ...dialling, ...frames, ...backpressure, ...pausing, ...closing, ...optional };
  return Object.entries(all).map(([name, scenario]) => ({
    name,
    run: (signal) => scenario(harness, signal),
  }));
}
