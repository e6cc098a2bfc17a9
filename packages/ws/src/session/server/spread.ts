/** So few sessions come back at once without harm. */
const FEW_SESSIONS = 100;
const MIN_SPREAD_MS = 5_000;
/** A server takes a thousand sessions a second without noticing. */
const MS_PER_SESSION = 1;
const MAX_SPREAD_MS = 30_000;

/**
 * Within how long clients come back after a crash, for a server that has so many sessions: at once while they are few,
 * then 5 s, and 1 ms more for each, at most 30 s. Whoever was welcomed early was told less, as the server had fewer
 * then; with these numbers 10,000 that were welcomed one after the other still come back with less than 2 % of them in
 * any 100 ms (the simulation in `test/session/herd.test.ts`).
 */
export function spreadFor(sessions: number): number {
  if (sessions < FEW_SESSIONS) return 0;
  return Math.min(MAX_SPREAD_MS, MIN_SPREAD_MS + MS_PER_SESSION * sessions);
}
