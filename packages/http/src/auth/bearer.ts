import {
  AuthenticationError,
  abortable,
  type Clock,
  deadline,
  NetworkError,
  systemClock,
  ValidationError,
} from "@net/core";
import type { Auth, AuthContext, Credentials } from "./auth.ts";

/** A token, and how long it is good. */
export interface FreshToken {
  readonly token: string;
  /** It is replaced a little before. Default: it is good until it is refused. */
  readonly expiresInMs?: number | undefined;
}

/** Gets a token. The signal is its own time limit: no caller's, since they share the outcome. */
export type TokenSource = (context: AuthContext) => Promise<string | FreshToken>;

export interface BearerOptions {
  /** The token; without one, `refresh` gets the first. */
  readonly token?: string | undefined;
  /** Gets another when it was refused (401) or is about to expire; once for all calls that wait for it. */
  readonly refresh?: TokenSource | undefined;
  /** How long `refresh` may take, in ms. Default 30,000. */
  readonly timeout?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A token is replaced this long before it expires: it has to get there too. */
const EARLY_MS = 30_000;
const grammar = /^[\w.~+/-]+=*$/;

/**
 * `Authorization: Bearer …` (RFC 6750). With `refresh`, a 401 gets a new token, once for all calls that were refused, and
 * each of them one more try.
 *
 * @example
 * ```ts
 * const http = new HTTPClient({ baseUrl, auth: bearer({ token, refresh: async () => (await login()).token }) });
 * ```
 */
export function bearer(options: BearerOptions): Auth {
  if (options.token === undefined && !options.refresh) {
    throw new ValidationError("bearer needs a token, or refresh to get one");
  }
  return new Bearer(options);
}

class Bearer implements Auth {
  readonly #source: TokenSource | undefined;
  readonly #timeout: number;
  readonly #clock: Clock;
  #token: string | undefined;
  #goodUntilMs = Number.POSITIVE_INFINITY;
  #refreshing: Promise<string> | undefined;

  constructor({ token, refresh, timeout = 30_000, clock = systemClock }: BearerOptions) {
    this.#token = token === undefined ? undefined : checked(token);
    this.#source = refresh;
    this.#timeout = timeout;
    this.#clock = clock;
  }

  credentials({ signal }: AuthContext): Credentials | Promise<Credentials> {
    const isGood = this.#clock.monotonicMs() < this.#goodUntilMs;
    if (this.#token !== undefined && (isGood || !this.#source)) return asHeader(this.#token);
    return abortable(this.#refresh(), signal).then(asHeader);
  }

  async refresh(refused: Credentials, { signal }: AuthContext): Promise<boolean> {
    if (!this.#source) return false;
    const isSame =
      this.#token !== undefined &&
      asHeader(this.#token).headers?.authorization === refused.headers?.authorization;
    // Somebody else was refused too, and has a new one already.
    if (isSame) await abortable(this.#refresh(), signal);
    return true;
  }

  #refresh(): Promise<string> {
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #ask(): Promise<string> {
    using limit = deadline(this.#timeout, undefined, { clock: this.#clock });
    try {
      const source = this.#source as TokenSource;
      const fresh = await abortable(source({ signal: limit.signal }), limit.signal);
      return this.#keep(typeof fresh === "string" ? { token: fresh } : fresh);
    } catch (cause) {
      const why = NetworkError.is(cause) ? cause.message : String(cause);
      throw new AuthenticationError(`no token could be got: ${why}`, { cause });
    }
  }

  #keep({ token, expiresInMs = Number.POSITIVE_INFINITY }: FreshToken): string {
    if (!(expiresInMs >= 0)) {
      throw new ValidationError(`expiresInMs must be 0 ms or more, not ${expiresInMs}`);
    }
    this.#token = checked(token);
    // Of a short life at least half is used.
    const early = Math.min(EARLY_MS, expiresInMs / 2);
    this.#goodUntilMs = this.#clock.monotonicMs() + expiresInMs - early;
    return token;
  }
}

function asHeader(token: string): Credentials {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** Its value is not part of the message. */
function checked(token: string): string {
  if (typeof token === "string" && grammar.test(token)) return token;
  throw new ValidationError("a bearer token must be of letters, digits and -._~+/ (RFC 6750)");
}
