/** How urgent a message is. A more urgent one never waits for a less urgent one. */
export type Priority = "critical" | "high" | "normal" | "low";

/** All priorities, the most urgent first. */
export const PRIORITIES: readonly Priority[] = ["critical", "high", "normal", "low"];
