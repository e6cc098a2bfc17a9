/**
 * How urgent a message is. Critical ones go before all others, but for a tenth of the bandwidth; the others share it
 * as 8 to 4 to 1.
 */
export type Priority = "critical" | "high" | "normal" | "low";

/** All priorities, the most urgent first. */
export const PRIORITIES: readonly Priority[] = ["critical", "high", "normal", "low"];

/** The place of a priority among {@link PRIORITIES}: what the scheduler counts with. */
export type Level = 0 | 1 | 2 | 3;

export const CRITICAL: Level = 0;

export function levelOf(priority: Priority): Level {
  return PRIORITIES.indexOf(priority) as Level;
}
