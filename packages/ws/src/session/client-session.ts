import {
  abortable,
  assertAmount,
  ClosedError,
  deadline,
  EventPublisher,
  exponential,
  type JsonValue,
  type Link,
  NetworkError,
  onAbort,
  ProtocolError,
  type Rng,
  sleep,
  systemRng,
  throwIfAborted,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { isRetryable } from "../client/reconnect-policy.ts";
import { RetryPace } from "../client/retry-pace.ts";
import type { RequestHandler, RequestOptions } from "./calls.ts";
import { Channel, type ChannelEnd } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import { endError } from "./end-error.ts";
import { Exchange } from "./exchange.ts";
import { type ExchangeOptions, type ExchangeSettings, exchangeSettings } from "./options.ts";
import { Publications, type PublishOptions } from "./publications.ts";
import type { Session, SessionEvents, SessionState } from "./session.ts";
import type { StoredSession } from "./store/store.ts";
import { isName } from "./wire/decode.ts";
import { encode } from "./wire/encode.ts";
import type { Envelope, Hello, Welcome } from "./wire/envelope.ts";
import { MAX_NAME_LENGTH, VERSION } from "./wire/limits.ts";

/** For whom a token is asked. */
export interface TokenContext {
  /** 1 for the first attempt, and again after a link that lasted. */
  readonly attempt: number;
  /** What ended the last link or attempt. */
  readonly error: NetworkError | undefined;
  readonly signal: AbortSignal;
}

export interface SessionOptions<Body = JsonValue, Tx = unknown> extends ExchangeOptions<Body, Tx> {
  /** The session's name: the same again takes the session up again, and over from whoever has it. */
  readonly id: string;
  /** Opens a link to the other end; asked for each attempt. */
  readonly redial: (signal: AbortSignal) => PromiseLike<Link>;
  /** Says who we are. A function is asked for each attempt, and once more if its answer was not accepted. */
  readonly token?: string | ((context: TokenContext) => string | PromiseLike<string>) | undefined;
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

/**
 * Keeps a conversation with the other end, over links that come and go.
 *
 * @throws ValidationError if an option is out of range.
 * @example
 * ```ts
 * await using news = session({ id: "laptop", redial: (signal) => transport.dial(address, { signal }), store });
 * await news.publish({ text: "hello" });
 * for await (const delivery of news.inbox()) {
 *   await work(delivery.body);
 *   await delivery.ack();
 * }
 * ```
 */
export function session<Body = JsonValue, Tx = unknown>(
  options: SessionOptions<Body, Tx>,
): Session<Body, Tx> {
  return new ClientSession(options);
}

class ClientSession<Body, Tx> extends EventPublisher<SessionEvents> implements Session<Body, Tx> {
  readonly id: string;
  readonly closed: Promise<Error | undefined>;
  readonly #options: SessionOptions<Body, Tx>;
  readonly #settings: ExchangeSettings<Body, Tx>;
  readonly #exchange: Exchange<Body, Tx>;
  readonly #publications: Publications;
  readonly #pace: RetryPace;
  readonly #rng: Rng;
  readonly #connectTimeout: number;
  readonly #closing = new AbortController();
  readonly #onSignal: Disposable;
  #state: SessionState = "connecting";
  #hasBegun = false;
  #isDialling = false;
  #wasOpen = false;
  #spreadMs = 0;
  #refusals = 0;
  #lastError: NetworkError | undefined;

  constructor(options: SessionOptions<Body, Tx>) {
    super();
    this.id = checkedSession(options.id);
    this.#options = options;
    this.#settings = exchangeSettings(options);
    this.#rng = options.rng ?? systemRng;
    this.#connectTimeout = assertAmount(options.connectTimeout ?? 10_000, "connectTimeout");
    const { min = 1_000, max = 30_000, resetAfter = 5_000 } = options.reconnect ?? {};
    const { clock, store, maxMessageBytes, maxWaiting } = this.#settings;
    const backoff = exponential({ initial: min, max });
    this.#pace = new RetryPace({ backoff, resetAfter, clock, rng: this.#rng });
    this.#publications = new Publications({
      session: this.id,
      store,
      maxMessageBytes,
      maxWaiting,
      onAppended: () => this.#exchange.wake(),
    });
    this.#exchange = new Exchange(this.id, this.#settings, (ids) =>
      this.#publications.committed(ids),
    );
    this.closed = this.#run();
    this.#onSignal = onAbort(options.signal, () => void this.close());
  }

  get state(): SessionState {
    return this.#state;
  }

  publish(body: JsonValue, options?: PublishOptions): Promise<void> {
    return this.#publications.publish(body, options);
  }

  inbox(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<Delivery<Body, Tx>, void, undefined> {
    return this.#exchange.incoming.inbox(options?.signal);
  }

  request(
    method: string,
    params?: JsonValue,
    options?: RequestOptions,
  ): Promise<JsonValue | undefined> {
    return this.#exchange.calls.request(method, params, options);
  }

  handle(method: string, handler: RequestHandler): () => void {
    return this.#exchange.calls.handle(method, handler);
  }

  async close(): Promise<void> {
    this.#closing.abort(new ClosedError("the session was closed"));
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Links, one after the other, until trying makes no more sense. */
  async #run(): Promise<Error | undefined> {
    const { signal } = this.#closing;
    let failure: NetworkError | undefined;
    // The constructor's caller listens first.
    await Promise.resolve();
    while (!failure && !signal.aborted) {
      this.#become("connecting");
      this.#lastError = await this.#oneLink(signal);
      failure = await this.#consider(this.#lastError, signal);
    }
    await this.#finish(failure);
    return failure;
  }

  /** @returns why the link ended, or was not to be had. */
  async #oneLink(signal: AbortSignal): Promise<NetworkError> {
    this.#isDialling = false;
    try {
      const channel = await this.#connect(signal);
      const end = await this.#useUntilItEnds(channel, signal);
      return endError(end);
    } catch (cause) {
      return toNetworkError(cause, { doing: "connect the session" });
    } finally {
      await this.#exchange.detach();
    }
  }

  async #connect(signal: AbortSignal): Promise<Channel> {
    const { clock } = this.#settings;
    using limit = deadline(this.#connectTimeout, signal, { clock });
    const token = await abortable(this.#token(limit.signal), limit.signal);
    const stored = await this.#begin();
    this.#isDialling = true;
    const dialling = this.#options.redial(limit.signal);
    const link = await abortable(dialling, limit.signal).catch((error: unknown) => {
      // A link that comes too late for us is nobody's.
      Promise.resolve(dialling).then(
        (late) => late.abort(),
        () => {},
      );
      throw error;
    });
    this.#isDialling = false;
    try {
      return await this.#meet(link, stored, token, limit.signal);
    } catch (error) {
      link.abort({ code: "going-away" });
      throw error;
    }
  }

  async #token(signal: AbortSignal): Promise<string | undefined> {
    const { token } = this.#options;
    if (typeof token !== "function") return token;
    return await token({ attempt: this.#pace.attempt, error: this.#lastError, signal });
  }

  /** What the store has; the first time, that is also where the inbox begins. */
  async #begin(): Promise<StoredSession | undefined> {
    const stored = await this.#settings.store.load(this.id);
    if (!this.#hasBegun) this.#exchange.incoming.begin(stored?.epoch ?? "", stored?.cursor ?? 0);
    this.#hasBegun = true;
    return stored;
  }

  /** Hello, welcome, and the exchange has a link. */
  async #meet(
    link: Link,
    stored: StoredSession | undefined,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<Channel> {
    const hello = await this.#hello(stored, token);
    const met = Promise.withResolvers<Envelope>();
    let rest: readonly Envelope[] = [];
    let restBytes = 0;
    let isOpen = false;
    const channel = new Channel({
      link,
      clock: this.#settings.clock,
      onFrame: (envelopes, bytes) => {
        if (isOpen) return this.#exchange.dispatch(envelopes, bytes);
        const [first, ...others] = envelopes;
        if (!first) return;
        // Nothing more until the store knows what the welcome said.
        if (first.kind === "welcome") link.pause();
        rest = others;
        restBytes = bytes;
        met.resolve(first);
      },
    });
    channel.send(encode(hello));
    const ended = channel.ended.then((end) => {
      throw endError(end);
    });
    ended.catch(() => {});
    const first = await abortable(Promise.race([met.promise, ended]), signal);
    const welcome = first.kind === "bye" ? await ended : checkedWelcome(first);
    const told = await this.#agree(welcome, hello);
    throwIfAborted(signal);
    this.#exchange.attach({ channel, epoch: welcome.epoch, peer: welcome, told });
    isOpen = true;
    if (rest.length > 0) this.#exchange.dispatch(rest, restBytes);
    link.resume();
    this.#opened(welcome);
    return channel;
  }

  async #hello(stored: StoredSession | undefined, token: string | undefined): Promise<Hello> {
    const position = await this.#exchange.incoming.position();
    return {
      kind: "hello",
      version: VERSION,
      session: this.id,
      ...(token !== undefined && { token }),
      ...(stored?.epoch && { epoch: stored.epoch }),
      acked: stored?.acked ?? 0,
      head: stored?.head ?? 0,
      ...this.#exchange.terms(position),
    };
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
    await this.#settings.store.reset(this.id, epoch);
    this.#exchange.incoming.begin(epoch, 0);
    return 0;
  }

  #opened({ resumed, epoch, spreadMs }: Welcome): void {
    this.#wasOpen = true;
    this.#refusals = 0;
    this.#spreadMs = spreadMs;
    this.#pace.opened();
    this.#become("open");
    this.emit("welcome", { resumed, epoch });
  }

  async #useUntilItEnds(channel: Channel, signal: AbortSignal): Promise<ChannelEnd> {
    using _closing = onAbort(signal, () => void channel.bye("normal", "the session was closed"));
    return await channel.ended;
  }

  /** Waits until the next attempt; or gives the error back, if there is none. */
  async #consider(error: NetworkError, signal: AbortSignal): Promise<NetworkError | undefined> {
    if (signal.aborted) return undefined;
    if (this.#isFinal(error)) return error;
    await this.#wait(error, signal);
    return undefined;
  }

  /** Whether trying again would only repeat it. A token that is asked for may be better the second time. */
  #isFinal(error: NetworkError): boolean {
    if (error.code === "AUTHENTICATION_FAILED") {
      // A link that was open may end with its token.
      if (this.#state === "open") return false;
      return typeof this.#options.token !== "function" || ++this.#refusals > 1;
    }
    if (NetworkError.is(error, "DEADLINE_EXCEEDED")) return false;
    // What failed here, in the store for instance, may pass if it ever worked.
    if (error.code === "INTERNAL" || error.code === "CONFLICT") return !this.#wasOpen;
    // A broken handshake is the network's doing, a broken session the other end's.
    if (ProtocolError.is(error) && !this.#isDialling) return true;
    return !isRetryable({ error }, this.#wasOpen);
  }

  async #wait(error: NetworkError, signal: AbortSignal): Promise<void> {
    const attempt = this.#pace.failed();
    const delayMs = this.#delayMs(error, attempt);
    this.#become("waiting");
    this.emit("retry", { attempt, delayMs, error });
    // Closing ends the wait; the loop sees it.
    await sleep(delayMs, { signal, clock: this.#settings.clock }).catch(() => {});
  }

  #delayMs(error: NetworkError, attempt: number): number {
    // The token was refused, or has expired: once more, at once, with another.
    const isToken = error.code === "AUTHENTICATION_FAILED";
    if (isToken && (attempt === 1 || this.#refusals === 1)) return 0;
    const { reason, retryAfterMs } = error.details;
    const isSudden = reason !== undefined && retryAfterMs === undefined;
    if (isSudden && attempt === 1 && this.#spreadMs > 0) return this.#rng.next() * this.#spreadMs;
    return this.#pace.delayMs(error);
  }

  async #finish(failure: NetworkError | undefined): Promise<void> {
    const error = failure ?? new ClosedError("the session was closed");
    this.#onSignal[Symbol.dispose]();
    this.#publications.end(error);
    this.#exchange.end(error, failure === undefined);
    await this.#exchange.incoming.settled();
    this.#become("closed");
  }

  #become(state: SessionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }
}

function checkedSession(id: string): string {
  if (isName(id)) return id;
  throw new ValidationError(`a session's id must have 1 to ${MAX_NAME_LENGTH} characters`);
}

function checkedWelcome(envelope: Envelope): Welcome {
  if (envelope.kind !== "welcome") {
    throw new ProtocolError(`expected a welcome, and ${envelope.kind} came`);
  }
  if (envelope.version === VERSION) return envelope;
  throw new ProtocolError(`the other end speaks version ${envelope.version}, not ${VERSION}`);
}
