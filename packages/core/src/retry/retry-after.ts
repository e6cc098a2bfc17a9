const delaySeconds = /^\d{1,9}$/;
/** An IMF-fixdate (RFC 9110 §5.6.7); `Date.parse` alone takes far more than HTTP does. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** How long a `Retry-After` header asks to wait (RFC 9110 §10.2.3); undefined if it asks nothing sensible. */
export function parseRetryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (delaySeconds.test(value)) return Number(value) * 1000;
  const untilMs = httpDate.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - nowMs);
}
