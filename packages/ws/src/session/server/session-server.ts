import {
  assertAmount,
  ClosedError,
  type JsonValue,
  type Link,
  OverloadedError,
  type Rng,
  systemRng,
  ValidationError,
} from "@net/core";
import { withRetryHint } from "../../socket/retry-hint.ts";
import { Exchange } from "../exchange.ts";
import { randomId } from "../message-ids.ts";
import { type ExchangeSettings, exchangeSettings } from "../options.ts";
import type { PublishOptions } from "../publications.ts";
import type { Session } from "../session.ts";
import { isName } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import type { Hello } from "../wire/envelope.ts";
import { AcceptedSession, type SessionHouse } from "./accepted-session.ts";
import { isShared, termsOf, welcomeOf } from "./agreement.ts";
import { drainAll } from "./drain.ts";
import { type ServerLimits, serverLimits } from "./limits.ts";
import { Mailboxes } from "./mailboxes.ts";
import type { AcceptSessionsOptions, DrainOptions, SessionServer } from "./options.ts";
import { type House, Reception } from "./reception.ts";
import { assertServerOptions } from "./rules.ts";
import { Seat } from "./seat.ts";
import { spreadFor } from "./spread.ts";
import type { Admission } from "./visitor.ts";

/** What `acceptSessions` gives. */
export class Sessions<Body, Tx> implements SessionServer<Body, Tx> {
  readonly accept = (link: Link): void => this.#accept(link);
  readonly #options: AcceptSessionsOptions<Body, Tx>;
  readonly #settings: ExchangeSettings<Body, Tx>;
  readonly #limits: ServerLimits;
  readonly #rng: Rng;
  /** Visitors that have no seat. */
  readonly #visitors = new Set<Reception>();
  readonly #seats = new Map<string, Seat<Body, Tx>>();
  readonly #mailboxes: Mailboxes;
  readonly #house: House & SessionHouse<Body, Tx>;
  #isClosed = false;
  /** While it drains, and afterwards: when those may come who come now. */
  #comeBack: (() => number) | undefined;

  constructor(options: AcceptSessionsOptions<Body, Tx>) {
    assertServerOptions(options);
    this.#options = options;
    this.#settings = exchangeSettings(options);
    this.#limits = serverLimits(options);
    this.#rng = options.rng ?? systemRng;
    this.#mailboxes = new Mailboxes(this.#settings, (id) => this.#seats.get(id)?.session?.wake());
    this.#house = this.#furnish(options);
  }

  get size(): number {
    return this.#seats.size;
  }

  get(id: string): Session<Body, Tx> | undefined {
    const session = this.#seats.get(id)?.session;
    return session?.state === "open" ? session : undefined;
  }

  enqueue(id: string, body: JsonValue, options?: PublishOptions): Promise<void> {
    return this.#mailboxes.enqueue(id, body, options);
  }

  publish(id: string, body: JsonValue, options?: PublishOptions): Promise<void> {
    return this.#mailboxes.publish(id, body, options);
  }

  async drain({
    window = 30_000,
    retryAfter = 0,
    signal,
    onProgress,
  }: DrainOptions = {}): Promise<void> {
    assertAmount(window, "window");
    assertAmount(retryAfter, "retryAfter");
    if (this.#isClosed) throw closed();
    const { clock } = this.#settings;
    const endMs = clock.monotonicMs() + window;
    this.#comeBack = () => Math.max(0, endMs - clock.monotonicMs()) + this.#rng.next() * window;
    for (const visitor of this.#visitors) this.#turnAway(visitor);
    const leavers = [...this.#seats.values()].map(({ reception, left }) => ({
      left,
      sendAway: () => reception.sendAway("going-away", "this end is drained", retryAfter),
    }));
    await drainAll({ leavers, window, clock, rng: this.#rng, signal, onProgress });
  }

  async close({ spread = 0 }: { readonly spread?: number } = {}): Promise<void> {
    assertAmount(spread, "spread");
    this.#isClosed = true;
    const seats = [...this.#seats.values()];
    for (const reception of [...this.#visitors, ...seats.map((seat) => seat.reception)]) {
      const retryAfterMs = spread > 0 ? Math.floor(this.#rng.next() * spread) : undefined;
      reception.sendAway("going-away", "this end closes", retryAfterMs);
    }
    this.#mailboxes.end(closed());
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
    if (this.#comeBack) {
      const message = withRetryHint("this end is drained", this.#comeBack());
      void link.close({ code: "going-away", message });
      return;
    }
    if (this.#visitors.size >= this.#limits.maxVisitors) {
      void link.close({ code: "overloaded", message: "too many visitors already" });
      return;
    }
    this.#visitors.add(new Reception(link, this.#house));
  }

  #furnish({ authenticate }: AcceptSessionsOptions<Body, Tx>): House & SessionHouse<Body, Tx> {
    return {
      ...this.#limits,
      settings: this.#settings as ExchangeSettings<unknown, unknown>,
      authenticate,
      onAdmitted: (reception, hello, admission) => this.#admit(reception, hello, admission),
      onGone: (reception) => this.#visitors.delete(reception),
      publish: (id, body, published) => this.publish(id, body, published),
      onClosed: (session) => this.#onClosed(session),
    };
  }

  #turnAway(reception: Reception): void {
    const retryAfterMs = Math.ceil(this.#comeBack?.() ?? 0);
    reception.sendAway("going-away", "this end is drained", retryAfterMs);
  }

  /** The newest link of a session has it: whoever had it before is told so, and does not come back. */
  async #admit(reception: Reception, hello: Hello, { session }: Admission): Promise<void> {
    if (!isName(session)) throw new ValidationError("authenticate gave no name of a session");
    const before = this.#seats.get(session);
    if (!before && this.#seats.size >= this.#limits.maxSessions) {
      throw new OverloadedError("too many sessions have links already");
    }
    before?.reception.sendAway("replaced", "another link has taken this session over");
    const seat = new Seat<Body, Tx>(reception);
    this.#seats.set(session, seat);
    this.#visitors.delete(reception);
    try {
      await seat.open(async () => {
        await before?.left;
        await this.#seat(seat, session, hello);
      });
    } finally {
      // A session that was opened says itself when it is over.
      if (!seat.session) void seat.left.then(() => this.#leave(session, seat));
    }
  }

  #onClosed(session: AcceptedSession<Body, Tx>): void {
    const seat = this.#seats.get(session.id);
    if (seat?.session === session) this.#leave(session.id, seat);
  }

  #leave(session: string, seat: Seat<Body, Tx>): void {
    if (this.#seats.get(session) === seat) this.#seats.delete(session);
  }

  async #seat(seat: Seat<Body, Tx>, session: string, hello: Hello): Promise<void> {
    const { store } = this.#settings;
    const stored = await store.load(session);
    const resumed = stored !== undefined && isShared(hello, stored);
    const { epoch, cursor } = resumed ? stored : await store.reset(session, randomId());
    const { channel } = seat.reception;
    if (!channel.writable || this.#seats.get(session) !== seat) return;
    const exchange = new Exchange<Body, Tx>(session, this.#settings, this.#mailboxes);
    exchange.incoming.begin(epoch, cursor);
    const accepted = new AcceptedSession(exchange, channel, this.#house);
    seat.session = accepted;
    const terms = exchange.terms({ cursor, received: cursor });
    const spreadMs = this.#options.spread ?? spreadFor(this.#seats.size);
    channel.send(encode(welcomeOf(terms, epoch, resumed, spreadMs)));
    const peer = termsOf(hello, resumed);
    seat.reception.open(exchange);
    this.#options.onSession?.(accepted);
    accepted.open({ channel, epoch, peer, told: cursor }, resumed);
  }
}

function closed(): ClosedError {
  return new ClosedError("the server of sessions was closed");
}
