import type { Clock, Rng } from "@net/core";
import { HostCookieJar } from "../cookies/host-jar.ts";
import type { CookieJar } from "../cookies/jar.ts";
import type { Guard } from "../guard/guard.ts";
import type { Observer } from "../observe/observer.ts";
import type { Wire } from "../wire/wire.ts";
import { attempting } from "./attempt.ts";
import { authorizing } from "./auth.ts";
import { type BreakerOptions, breaking } from "./breaker.ts";
import { type ConcurrencyOptions, limiting } from "./concurrency.ts";
import { withCookies } from "./cookies.ts";
import { guarding } from "./guard.ts";
import { type HedgeOptions, hedging } from "./hedge.ts";
import { redirecting } from "./redirect.ts";
import { retrying } from "./retry.ts";
import type { Sender } from "./send.ts";

/** Policies that a client may ask for. */
export interface PolicyOptions {
  /** Stop calling an origin that fails, and find out by itself when it works again; true for the defaults. Default false. */
  readonly breaker?: boolean | BreakerOptions | undefined;
  /** Send slow requests again before the first has failed. Default: never. */
  readonly hedge?: HedgeOptions | undefined;
  /** Requests to one origin at the same moment; the others wait. Default: as many as there are connections. */
  readonly maxConcurrency?: number | ConcurrencyOptions | undefined;
  /** Keep cookies and send them again: true for a jar in memory, or a jar of one's own. Default false. */
  readonly cookies?: boolean | CookieJar | undefined;
}

export interface Policies extends PolicyOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly guard: Guard | undefined;
  readonly isBehindProxy: boolean;
  readonly observer: Observer;
}

/**
 * All policies of a client around its connections, the outermost last; those that were not asked for are not there at
 * all. A redirect begins anew with the credentials, a retry waits outside of turnstile and circuit.
 *
 * @throws ValidationError if an option is out of range.
 */
export function composed(options: Policies): Sender {
  const { clock, rng, guard, observer, cookies, maxConcurrency, breaker, hedge } = options;
  let sender = observer.observing(attempting(options.wire, clock));
  if (guard) sender = guarding(sender, guard, options.isBehindProxy);
  if (cookies) sender = withCookies(sender, cookies === true ? new HostCookieJar(clock) : cookies);
  if (maxConcurrency !== undefined) sender = limiting(sender, maxConcurrency);
  if (breaker) sender = breaking(sender, breaker === true ? {} : breaker, clock);
  if (hedge) sender = hedging(sender, hedge, clock);
  sender = retrying(sender, { clock, rng, onRetry: (...event) => observer.retry(...event) });
  return redirecting(authorizing(sender), (...event) => observer.redirect(...event));
}
