import { parseRetryAfterMs } from "@net/core";
import { headerOf, type RawHeaders } from "../response/headers.ts";

/** Milliseconds, as OpenAI's and others' servers send them beside `Retry-After`. */
const milliseconds = /^\d{1,12}(\.\d{1,6})?$/;
const seconds = /^\d{1,9}(\.\d{1,6})?$/;

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

/** The longest wait of all quotas that are used up; undefined where none is, or none says when it begins anew. */
function quotaMs(headers: RawHeaders): number | undefined {
  const waits = quotas(headers).flatMap(({ left, resetMs }) =>
    left === 0 && resetMs !== undefined ? [resetMs] : [],
  );
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

interface Quota {
  readonly left: number | undefined;
  readonly resetMs: number | undefined;
}

/**
 * The `RateLimit` header: `"default";r=0;t=30` (draft 8 and later) or `limit=10, remaining=0, reset=30` (draft 7). Where
 * it does not say when a quota begins anew, that is at most the window of the policy of its name in `RateLimit-Policy`.
 */
function quotas(headers: RawHeaders): readonly Quota[] {
  const items = itemsOf(headerOf(headers, "ratelimit"));
  const single = new Map(items.flatMap(({ name, parameters }) => [...parameters, parsed(name)]));
  if (single.has("remaining")) {
    return [{ left: single.get("remaining"), resetMs: inMs(single.get("reset")) }];
  }
  const policies = itemsOf(headerOf(headers, "ratelimit-policy"));
  return items.map(({ name, parameters }) => {
    const policy = policies.find((other) => other.name === name)?.parameters;
    return { left: parameters.get("r"), resetMs: inMs(parameters.get("t") ?? policy?.get("w")) };
  });
}

interface Item {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, number>;
}

/** The items of a structured field's list (RFC 9651 §3.1) with those of their parameters that are whole numbers. */
function itemsOf(header = ""): readonly Item[] {
  return header.split(",").map((item) => {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    return { name, parameters: new Map(parameters.map(parsed)) };
  });
}

/** A number that is none, or beyond all sense, is no number: NaN equals nothing. */
function parsed(text: string): readonly [string, number] {
  const [name = "", value = ""] = text.split("=", 2);
  return [name.trim(), /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN];
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000;
}

/** `RateLimit-Remaining: 0` and `RateLimit-Reset: 30`, draft 6 and before. */
function legacyQuotaMs(headers: RawHeaders): number | undefined {
  const reset = headerOf(headers, "ratelimit-reset");
  if (reset === undefined || !seconds.test(reset)) return undefined;
  return Number(headerOf(headers, "ratelimit-remaining") ?? 0) === 0
    ? Number(reset) * 1000
    : undefined;
}
