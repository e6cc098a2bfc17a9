import {
  assertAmount,
  assertPositive,
  ClosedError,
  type JsonValue,
  type Link,
  type NetworkError,
  OverloadedError,
  type Rng,
  systemRng,
  ValidationError,
} from "@net/core";
import { AcceptedSession } from "./accepted-session.ts";
import type { Channel } from "./channel.ts";
import { Exchange } from "./exchange.ts";
import { type ExchangeOptions, type ExchangeSettings, exchangeSettings } from "./options.ts";
import { Publications, type PublishOptions, randomId } from "./publications.ts";
import type { Session } from "./session.ts";
import type { StoredSession } from "./store/store.ts";
import { type Admission, type Authenticate, Reception } from "./visitor.ts";
import { isName } from "./wire/decode.ts";
import { encode } from "./wire/encode.ts";
import type { Hello } from "./wire/envelope.ts";
import { MAX_NAME_LENGTH, VERSION } from "./wire/limits.ts";

export interface AcceptSessionsOptions<Body = JsonValue, Tx = unknown>
  extends ExchangeOptions<Body, Tx> {
  /** Says who a visitor is, and which session is his. Asked for each link. */
  readonly authenticate: Authenticate;
  /** Called with each session once its link is in use. Handlers that are set in this call miss no request. */
  readonly onSession?: ((session: Session<Body, Tx>) => void) | undefined;
  /** Sessions with a link at one time; default 10,000. Others are asked to come back. */
  readonly maxSessions?: number | undefined;
  /** From a link to its welcome, in ms; default 5000. */
  readonly helloTimeout?: number | undefined;
  /** Frames of one link; default 1000 a second. A frame carries many messages. */
  readonly maxFramesPerSecond?: number | undefined;
  /**
   * Whoever loses his link without a word comes back at a random moment within this time, in ms, so that not all come
   * at once after a crash. Default 0: as his own backoff has it.
   */
  readonly spread?: number | undefined;
  readonly rng?: Rng | undefined;
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
   * Sends everybody away and takes no more links. They are asked to come back, each at a random moment within
   * `spread` ms (default 0, their own backoff).
   */
  close(options?: { readonly spread?: number }): Promise<void>;
}

/**
 * Accepts sessions over links of any transport.
 *
 * @throws ValidationError if an option is out of range.
 * @example
 * ```ts
 * const server = acceptSessions({ store, authenticate: async ({ token }) => ({ session: await userOf(token) }), onSession });
 * await using listener = await transport.listen(address, server.accept);
 * ```
 */
export function acceptSessions<Body = JsonValue, Tx = unknown>(
  options: AcceptSessionsOptions<Body, Tx>,
): SessionServer<Body, Tx> {
  return new StoredSessions(options);
}

/** A session with a link, or about to have one. */
interface Seat<Body, Tx> {
  readonly reception: Reception;
  session?: AcceptedSession<Body, Tx>;
  exchange?: Exchange<Body, Tx>;
  /** Resolves when this link uses the store no more. */
  readonly left: Promise<unknown>;
}

class StoredSessions<Body, Tx> implements SessionServer<Body, Tx> {
  readonly accept: (link: Link) => void = (link) => this.#accept(link);
  readonly #options: AcceptSessionsOptions<Body, Tx>;
  readonly #settings: ExchangeSettings<Body, Tx>;
  readonly #limits: { helloTimeout: number; maxFramesPerSecond: number; maxSessions: number };
  readonly #spreadMs: number;
  readonly #rng: Rng;
  readonly #receptions = new Set<Reception>();
  readonly #seats = new Map<string, Seat<Body, Tx>>();
  readonly #publications = new Map<string, Publications>();
  #isClosed = false;

  constructor(options: AcceptSessionsOptions<Body, Tx>) {
    const { helloTimeout = 5_000, maxFramesPerSecond = 1_000, maxSessions = 10_000 } = options;
    this.#options = options;
    this.#settings = exchangeSettings(options);
    this.#limits = {
      helloTimeout: assertPositive(helloTimeout, "helloTimeout"),
      maxFramesPerSecond: assertPositive(maxFramesPerSecond, "maxFramesPerSecond"),
      maxSessions: assertPositive(maxSessions, "maxSessions"),
    };
    this.#spreadMs = Math.ceil(assertAmount(options.spread ?? 0, "spread"));
    this.#rng = options.rng ?? systemRng;
  }

  get size(): number {
    return this.#seats.size;
  }

  get(id: string): Session<Body, Tx> | undefined {
    const session = this.#seats.get(id)?.session;
    return session?.state === "open" ? session : undefined;
  }

  async enqueue(id: string, body: JsonValue, options?: PublishOptions): Promise<void> {
    await this.#publicationsOf(id).enqueue(body, options);
  }

  async publish(id: string, body: JsonValue, options?: PublishOptions): Promise<void> {
    await this.#publicationsOf(id).publish(body, options);
  }

  async close({ spread = 0 }: { readonly spread?: number } = {}): Promise<void> {
    assertAmount(spread, "spread");
    this.#isClosed = true;
    const seats = [...this.#seats.values()];
    for (const reception of this.#receptions) {
      const retryAfterMs = spread > 0 ? Math.floor(this.#rng.next() * spread) : undefined;
      reception.sendAway("going-away", "this end closes", retryAfterMs);
    }
    const error = new ClosedError("the server of sessions was closed");
    for (const publications of [...this.#publications.values()]) publications.end(error);
    await Promise.all(seats.map(({ left }) => left));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(link: Link): void {
    if (this.#isClosed) {
      link.abort({ code: "going-away", message: "this end is closed" });
      return;
    }
    const { helloTimeout, maxFramesPerSecond } = this.#limits;
    const reception: Reception = new Reception({
      link,
      settings: this.#settings as ExchangeSettings<unknown, unknown>,
      authenticate: this.#options.authenticate,
      helloTimeout,
      maxFramesPerSecond,
      onAdmitted: (hello, admission) => this.#admit(reception, hello, admission),
    });
    this.#receptions.add(reception);
    void reception.channel.ended.then(() => this.#receptions.delete(reception));
  }

  /** The newest link of a session has it: whoever had it before is told so, and does not come back. */
  async #admit(reception: Reception, hello: Hello, { session }: Admission): Promise<void> {
    if (!isName(session)) throw new ValidationError("authenticate gave no name of a session");
    const before = this.#seats.get(session);
    if (!before && this.#seats.size >= this.#limits.maxSessions) throw tooManySessions();
    before?.reception.sendAway("replaced", "another link has taken this session over");
    const left = Promise.withResolvers<unknown>();
    const seat: Seat<Body, Tx> = { reception, left: left.promise };
    this.#seats.set(session, seat);
    try {
      await before?.left;
      await this.#seat(seat, session, hello);
    } finally {
      void this.#untilItLeaves(session, seat).then(left.resolve);
    }
  }

  async #untilItLeaves(session: string, seat: Seat<Body, Tx>): Promise<void> {
    await seat.reception.channel.ended;
    await seat.session?.closed;
    if (this.#seats.get(session) === seat) this.#seats.delete(session);
  }

  async #seat(seat: Seat<Body, Tx>, session: string, hello: Hello): Promise<void> {
    const { store } = this.#settings;
    const stored = await store.load(session);
    const resumed = stored !== undefined && isShared(hello, stored);
    const { epoch, cursor } = resumed ? stored : await store.reset(session, randomId());
    const { channel } = seat.reception;
    if (!channel.writable || this.#seats.get(session) !== seat) return;
    const exchange = this.#exchange(session);
    exchange.incoming.begin(epoch, cursor);
    const accepted = new AcceptedSession({
      exchange,
      channel,
      publish: (body, options) => this.publish(session, body, options),
    });
    seat.session = accepted;
    seat.exchange = exchange;
    this.#welcome(channel, exchange, { epoch, cursor, resumed });
    const peer = resumed ? hello : { ...hello, cursor: 0, received: 0 };
    seat.reception.open((envelopes, bytes) => exchange.dispatch(envelopes, bytes));
    this.#options.onSession?.(accepted);
    accepted.open({ channel, epoch, peer, told: cursor }, resumed);
  }

  #exchange(session: string): Exchange<Body, Tx> {
    return new Exchange(session, this.#settings, (ids) =>
      this.#publications.get(session)?.committed(ids),
    );
  }

  #welcome(
    channel: Channel,
    exchange: Exchange<Body, Tx>,
    { epoch, cursor, resumed }: { epoch: string; cursor: number; resumed: boolean },
  ): void {
    channel.send(
      encode({
        kind: "welcome",
        version: VERSION,
        epoch,
        resumed,
        spreadMs: this.#spreadMs,
        ...exchange.terms({ cursor, received: cursor }),
      }),
    );
  }

  #publicationsOf(id: string): Publications {
    if (this.#isClosed) throw new ClosedError("the server of sessions was closed");
    if (!isName(id)) {
      throw new ValidationError(`a session's id must have 1 to ${MAX_NAME_LENGTH} characters`);
    }
    const known = this.#publications.get(id);
    if (known) return known;
    const { store, maxMessageBytes, maxWaiting } = this.#settings;
    const publications = new Publications({
      session: id,
      store,
      maxMessageBytes,
      maxWaiting,
      onAppended: () => this.#seats.get(id)?.exchange?.wake(),
      onIdle: () => this.#publications.delete(id),
    });
    this.#publications.set(id, publications);
    return publications;
  }
}

/** Both remember the same past: neither is behind what it once told the other, nor ahead of what the other has. */
function isShared(hello: Hello, stored: StoredSession): boolean {
  if (stored.epoch === "" || hello.epoch !== stored.epoch) return false;
  const oursFit = stored.acked <= hello.cursor && hello.received <= stored.head;
  const theirsFit = hello.acked <= stored.cursor && stored.cursor <= hello.head;
  return oursFit && theirsFit;
}

function tooManySessions(): NetworkError {
  return new OverloadedError("too many sessions have links already");
}
