import { type Clock, type Rng, systemClock, systemRng, ValidationError } from "@net/core";
import type { Query } from "./url.ts";

/** A request's body: text, bytes, form fields, or a value to send as JSON. */
export type RequestData = string | Uint8Array | URLSearchParams | { readonly json: unknown };

/** What a call may say for itself; everything else comes from the client. */
export interface RequestOptions {
  /** Added to the URL's query; undefined and null are left out. */
  readonly query?: Query | undefined;
  /** Added to the client's; the same name replaces. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body. Text is `text/plain`, `URLSearchParams` a form, unless a `content-type` header says otherwise. */
  readonly data?: RequestData | undefined;
  /** The same as `data: { json }`. Not together with `data`. */
  readonly json?: unknown;
  /** For the whole call with its retries, in ms. Default: the client's. */
  readonly timeout?: number | undefined;
  /** Gives up the call; it rejects with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the client's. */
  readonly throwOnError?: boolean | undefined;
}

export interface HTTPClientOptions {
  /** What every URL must lie under; relative ones are joined to it. Default: none, every URL is absolute. */
  readonly baseUrl?: string | URL | undefined;
  /** For a whole call with its retries, in ms; Infinity for none. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Tries after the first, of idempotent methods. Default 3. */
  readonly maxRetries?: number | undefined;
  /** Delay before the first retry, in ms; it doubles each time up to 30 s, with full jitter. Default 1000. */
  readonly retryBackoff?: number | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Reject with an error when the answer is not 2xx, instead of returning it. Default false. */
  readonly throwOnError?: boolean | undefined;
  /** The largest body of an answer that is accepted. Default 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly rng?: Rng | undefined;
}

/** The client's options with every default filled in. */
export interface Settings {
  readonly timeout: number;
  readonly maxRetries: number;
  readonly retryBackoff: number;
  readonly throwOnError: boolean;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

const MIB = 1024 * 1024;

/** @throws ValidationError naming the option that is out of range. */
export function settings(options: HTTPClientOptions): Settings {
  const { maxRetries = 3, retryBackoff = 1_000, maxBodyBytes = 16 * MIB } = options;
  check(
    Number.isInteger(maxRetries) && maxRetries >= 0,
    "maxRetries",
    "a whole number",
    maxRetries,
  );
  check(
    retryBackoff >= 0 && Number.isFinite(retryBackoff),
    "retryBackoff",
    "0 ms or more",
    retryBackoff,
  );
  check(maxBodyBytes > 0, "maxBodyBytes", "more than 0", maxBodyBytes);
  return {
    timeout: checkedTimeout(options.timeout ?? 30_000),
    maxRetries,
    retryBackoff,
    throwOnError: options.throwOnError ?? false,
    maxBodyBytes,
    clock: options.clock ?? systemClock,
    rng: options.rng ?? systemRng,
  };
}

/** @throws ValidationError unless it is more than 0. */
export function checkedTimeout(timeout: number): number {
  check(timeout > 0, "timeout", "more than 0 ms (Infinity for no limit)", timeout);
  return timeout;
}

function check(holds: boolean, name: string, must: string, is: unknown): void {
  if (!holds) throw new ValidationError(`${name} must be ${must}, not ${String(is)}`);
}
