import {
  abortable,
  assertAmount,
  deadline,
  type Link,
  type NetworkError,
  ProtocolError,
  throwIfAborted,
} from "@net/core";
import type { Exchange } from "../exchange.ts";
import type { ExchangeSettings } from "../options.ts";
import type { StoredSession } from "../store/store.ts";
import type { Hello, Welcome } from "../wire/envelope.ts";
import { VERSION } from "../wire/limits.ts";
import { dialLink } from "./dial.ts";
import { type Met, meet } from "./meeting.ts";
import type { SessionOptions, TokenSource } from "./options.ts";

/** What an attempt is told of those before it. */
export interface AttemptContext {
  readonly attempt: number;
  readonly error: NetworkError | undefined;
}

/** Makes one attempt after the other: a token, a link, hello and welcome, and the exchange has a link. */
export class Connector<Body, Tx> {
  readonly #exchange: Exchange<Body, Tx>;
  readonly #settings: ExchangeSettings<Body, Tx>;
  readonly #token: TokenSource;
  readonly #redial: SessionOptions["redial"];
  readonly #timeout: number;
  #hasBegun = false;
  #isDialling = false;

  /** @throws ValidationError if the time-out is no amount. */
  constructor(
    exchange: Exchange<Body, Tx>,
    settings: ExchangeSettings<Body, Tx>,
    { token, redial, connectTimeout = 10_000 }: SessionOptions<Body, Tx>,
  ) {
    this.#exchange = exchange;
    this.#settings = settings;
    this.#token = token;
    this.#redial = redial;
    this.#timeout = assertAmount(connectTimeout, "connectTimeout");
  }

  /** Whether the last attempt failed while the link was dialled. */
  get isDialling(): boolean {
    return this.#isDialling;
  }

  /** @throws whatever the attempt failed with; nothing of it is left then. */
  async connect(context: AttemptContext, signal: AbortSignal): Promise<Met> {
    this.#isDialling = false;
    using limit = deadline(this.#timeout, signal, { clock: this.#settings.clock });
    const token = await abortable(this.#ask(context, limit.signal), limit.signal);
    const stored = await this.#begin();
    this.#isDialling = true;
    const link = await dialLink(this.#redial, limit.signal);
    this.#isDialling = false;
    try {
      return await this.#enter(link, await this.#hello(stored, token), limit.signal);
    } catch (error) {
      link.abort({ code: "going-away" });
      throw error;
    }
  }

  async #ask(context: AttemptContext, signal: AbortSignal): Promise<string | undefined> {
    const token = this.#token;
    return typeof token === "function" ? await token({ ...context, signal }) : token;
  }

  /** What the store has; the first time, that is also where the inbox begins. */
  async #begin(): Promise<StoredSession | undefined> {
    const { session, incoming } = this.#exchange;
    const stored = await this.#settings.store.load(session);
    if (!this.#hasBegun) incoming.begin(stored?.epoch ?? "", stored?.cursor ?? 0);
    this.#hasBegun = true;
    return stored;
  }

  async #hello(stored: StoredSession | undefined, token: string | undefined): Promise<Hello> {
    const { session, incoming } = this.#exchange;
    const position = await incoming.position();
    return {
      kind: "hello",
      version: VERSION,
      session,
      ...(token !== undefined && { token }),
      ...(stored?.epoch && { epoch: stored.epoch }),
      acked: stored?.acked ?? 0,
      head: stored?.head ?? 0,
      ...this.#exchange.terms(position),
    };
  }

  async #enter(link: Link, hello: Hello, signal: AbortSignal): Promise<Met> {
    const { clock, stallTimeout } = this.#settings;
    const met = await meet({ link, clock, stallTimeout, hello, signal });
    const { channel, welcome } = met;
    const told = await this.#agree(welcome, hello);
    throwIfAborted(signal);
    this.#exchange.attach({ channel, epoch: welcome.epoch, peer: welcome, told });
    met.open((envelopes, bytes) => this.#exchange.onFrame(envelopes, bytes));
    return met;
  }

  /** @returns our cursor, as the other end knows it. */
  async #agree({ epoch, resumed, received }: Welcome, hello: Hello): Promise<number> {
    if (resumed) {
      if (epoch !== hello.epoch || received > hello.head) {
        throw new ProtocolError("the other end resumed a session that this end does not have");
      }
      return hello.cursor;
    }
    if (received !== 0) throw new ProtocolError("a session that begins anew must begin at 0");
    await this.#settings.store.reset(this.#exchange.session, epoch);
    this.#exchange.incoming.begin(epoch, 0);
    return 0;
  }
}
