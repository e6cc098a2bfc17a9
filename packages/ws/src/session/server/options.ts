import type { JsonValue, Link, Rng } from "@net/core";
import type { ExchangeOptions } from "../options.ts";
import type { PublishOptions } from "../publications.ts";
import type { Session } from "../session.ts";
import type { Authenticate } from "./visitor.ts";

export interface AcceptSessionsOptions<Body = JsonValue, Tx = unknown>
  extends ExchangeOptions<Body, Tx> {
  /** Says who a visitor is, and which session is his. Asked for each link. */
  readonly authenticate: Authenticate;
  /** Called with each session once its link is in use. Handlers that are set in this call miss no request. */
  readonly onSession?: ((session: Session<Body, Tx>) => void) | undefined;
  /** Sessions with a link at one time; default 10,000. Others are asked to come back. */
  readonly maxSessions?: number | undefined;
  /** Links that have not opened a session yet; default 1000. Others are asked to come back. */
  readonly maxVisitors?: number | undefined;
  /** From a link to its welcome, in ms; default 5000. */
  readonly helloTimeout?: number | undefined;
  /**
   * What one link may send in a second, on average, and twice that after a quiet time: frames (default 20,000; one
   * carries many messages), messages and requests (100,000), bytes (64 MiB). Who sends more is not refused, but
   * read more slowly.
   */
  readonly maxFramesPerSecond?: number | undefined;
  readonly maxMessagesPerSecond?: number | undefined;
  readonly maxBytesPerSecond?: number | undefined;
  /**
   * Whoever loses his link without a word comes back at a random moment within this time, in ms, so that not all come
   * at once after a crash. 0: as his own backoff has it. Default: 0 below 100 sessions, then 5000 and 1 more for each
   * session, at most 30,000.
   */
  readonly spread?: number | undefined;
  readonly rng?: Rng | undefined;
}

export interface DrainOptions {
  /** Over how long the sessions are sent away, in ms; default 30,000. */
  readonly window?: number | undefined;
  /**
   * When they may come back, in ms after they were sent away; default 0, at once, as long as another server is there
   * to take them. One that finds this server again is told to come after the window.
   */
  readonly retryAfter?: number | undefined;
  /** Stops sending away. This server takes no links all the same; `close` ends the rest. */
  readonly signal?: AbortSignal | undefined;
  /** Called whenever sessions have left. */
  readonly onProgress?: ((progress: DrainProgress) => void) | undefined;
}

export interface DrainProgress {
  /** Sessions that had a link when it began. */
  readonly total: number;
  /** Those that still have it. */
  readonly left: number;
}

/** The accepting end of many sessions. Only those with a link take memory; the others are in the store. */
export interface SessionServer<Body = JsonValue, Tx = unknown> extends AsyncDisposable {
  /** Takes a link: give it to any `Acceptor`. */
  readonly accept: (link: Link) => void;
  /** How many sessions have a link. */
  readonly size: number;
  /** The session of that name, if it has a link now. */
  get(id: string): Session<Body, Tx> | undefined;
  /** Puts a message for that session into the store, whether it has a link or not, and resolves then. */
  enqueue(id: string, body: JsonValue, options?: PublishOptions): Promise<void>;
  /** The same, but resolves when the other end has committed it, over whichever link. */
  publish(id: string, body: JsonValue, options?: PublishOptions): Promise<void>;
  /**
   * Sends everybody away a few at a time, in no order, so that they do not arrive together where they go next, and
   * resolves when all have left. From the first moment no link is taken any more. Messages for the store still are:
   * end with `close`.
   *
   * @throws AbortedError; ClosedError if the server was closed; ValidationError.
   */
  drain(options?: DrainOptions): Promise<void>;
  /**
   * Sends everybody away at once and takes no more links. They are asked to come back, each at a random moment within
   * `spread` ms (default 0, their own backoff).
   */
  close(options?: { readonly spread?: number }): Promise<void>;
}
