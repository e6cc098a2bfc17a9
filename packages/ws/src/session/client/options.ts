import type { JsonValue, Link, NetworkError, Rng } from "@net/core";
import type { ExchangeOptions } from "../options.ts";

/** For whom a token is asked. */
export interface TokenContext {
  /** 1 for the first attempt, and again after a link that lasted. */
  readonly attempt: number;
  /** What ended the last link or attempt. */
  readonly error: NetworkError | undefined;
  readonly signal: AbortSignal;
}

/** Says who we are. */
export type TokenSource =
  | string
  | ((context: TokenContext) => string | PromiseLike<string>)
  | undefined;

export interface SessionOptions<Body = JsonValue, Tx = unknown> extends ExchangeOptions<Body, Tx> {
  /** The session's name: the same again takes the session up again, and over from whoever has it. */
  readonly id: string;
  /** Opens a link to the other end; asked for each attempt. */
  readonly redial: (signal: AbortSignal) => PromiseLike<Link>;
  /** Says who we are. A function is asked for each attempt, and once more if its answer was not accepted. */
  readonly token?: TokenSource;
  /** Delays before an attempt: drawn from 0 to `min`, twice that, …, at most `max`; anew after `resetAfter` open. */
  readonly reconnect?:
    | { readonly min?: number; readonly max?: number; readonly resetAfter?: number }
    | undefined;
  /** For one attempt, from the token to the welcome, in ms; default 10,000. */
  readonly connectTimeout?: number | undefined;
  /** Closes the session. */
  readonly signal?: AbortSignal | undefined;
  readonly rng?: Rng | undefined;
}
