import { parseRetryAfterMs } from "@net/core";
import { headerOf, type RawHeaders } from "../response/headers.ts";

/** Milliseconds, as OpenAI's and others' servers send them beside `Retry-After`. */
const milliseconds = /^\d{1,12}(\.\d{1,6})?$/;
const seconds = /^\d{1,9}(\.\d{1,6})?$/;
/** One item of a structured field's list with what it says is left, and when there is more: RateLimit header fields, draft 8 and later. */
const rateLimitItem = /(?:^|[;,\s])r=(\d{1,12})(?:[;,\s][^,]*?)?;?\s*t=(\d{1,9})/;

/**
 * How long a server asks to wait before the next try, in ms; undefined if it does not say. `retry-after-ms` is finer
 * than `Retry-After` (RFC 9110 §10.2.3); `RateLimit` says when the quota begins anew, which counts where it is used up.
 */
export function retryAfterMsOf(headers: RawHeaders, nowMs: number): number | undefined {
  const fine = headerOf(headers, "retry-after-ms");
  if (fine !== undefined && milliseconds.test(fine)) return Number(fine);
  const coarse = parseRetryAfterMs(headerOf(headers, "retry-after"), nowMs);
  return coarse ?? quotaMs(headers) ?? legacyQuotaMs(headers);
}

/** What a server says about a retry, whatever its status: `x-should-retry`, of OpenAI's and others'. */
export function shouldRetryOf(headers: RawHeaders): boolean | undefined {
  const said = headerOf(headers, "x-should-retry");
  return said === "true" ? true : said === "false" ? false : undefined;
}

/** `RateLimit: "default";r=0;t=30`, with the policies in `RateLimit-Policy`; the longest wait of all that are used up. */
function quotaMs(headers: RawHeaders): number | undefined {
  const items = (headerOf(headers, "ratelimit") ?? "").split(",");
  const waits = items.flatMap((item) => {
    const [, left, reset] = rateLimitItem.exec(item) ?? [];
    return left !== undefined && Number(left) === 0 ? [Number(reset) * 1000] : [];
  });
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

/** `RateLimit-Remaining: 0` and `RateLimit-Reset: 30`, draft 6 and before. */
function legacyQuotaMs(headers: RawHeaders): number | undefined {
  const reset = headerOf(headers, "ratelimit-reset");
  if (reset === undefined || !seconds.test(reset)) return undefined;
  return Number(headerOf(headers, "ratelimit-remaining") ?? 0) === 0
    ? Number(reset) * 1000
    : undefined;
}
