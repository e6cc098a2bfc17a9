import {
  ClosedError,
  type JsonValue,
  type NetworkError,
  onAbort,
  sleep,
  systemRng,
  toNetworkError,
  ValidationError,
} from "@net/core";
import { BaseSession } from "../base-session.ts";
import type { Channel } from "../channel.ts";
import { endError } from "../end-error.ts";
import { Exchange } from "../exchange.ts";
import { type ExchangeSettings, exchangeSettings } from "../options.ts";
import { Publications, type PublishOptions } from "../publications.ts";
import type { Session } from "../session.ts";
import { isName } from "../wire/decode.ts";
import { MAX_NAME_LENGTH } from "../wire/limits.ts";
import { Connector } from "./connector.ts";
import type { SessionOptions } from "./options.ts";
import { ReturnPolicy } from "./return-policy.ts";
import { assertSessionOptions, reconnectDelays } from "./rules.ts";

/**
 * Keeps a conversation with the other end, over links that come and go.
 *
 * @throws ValidationError if an option is missing, unknown or not what it must be.
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

class ClientSession<Body, Tx> extends BaseSession<Body, Tx> {
  readonly closed: Promise<Error | undefined>;
  readonly #settings: ExchangeSettings<Body, Tx>;
  readonly #publications: Publications;
  readonly #connector: Connector<Body, Tx>;
  readonly #returns: ReturnPolicy;
  readonly #closing = new AbortController();
  readonly #onSignal: Disposable;
  #lastError: NetworkError | undefined;

  constructor(options: SessionOptions<Body, Tx>) {
    assertSessionOptions(options);
    const settings = exchangeSettings(options);
    const publications = new Publications({
      session: checkedSession(options.id),
      ...settings,
      onAppended: () => exchange.wake(),
    });
    const exchange = new Exchange(options.id, settings, {
      committed: (_session, ids) => publications.committed(ids),
    });
    super(exchange);
    this.#settings = settings;
    this.#publications = publications;
    this.#connector = new Connector(exchange, settings, options);
    this.#returns = returnPolicy(options, settings);
    this.closed = this.#run();
    this.#onSignal = onAbort(options.signal, () => void this.close());
  }

  publish(body: JsonValue, options?: PublishOptions): Promise<void> {
    return this.#publications.publish(body, options);
  }

  async close(): Promise<void> {
    this.#closing.abort(new ClosedError("the session was closed"));
    await this.closed;
  }

  /** Links, one after the other, until trying makes no more sense. */
  async #run(): Promise<Error | undefined> {
    const { signal } = this.#closing;
    let failure: NetworkError | undefined;
    // The constructor's caller listens first.
    await Promise.resolve();
    while (!failure && !signal.aborted) {
      this.become("connecting");
      this.#lastError = await this.#oneLink(signal);
      failure = await this.#untilNext(this.#lastError, signal);
    }
    await this.#finish(failure);
    return failure;
  }

  /** @returns why the link ended, or was not to be had. */
  async #oneLink(signal: AbortSignal): Promise<NetworkError> {
    try {
      const channel = await this.#connect(signal);
      using _closing = onAbort(signal, () => void channel.bye("normal", "the session was closed"));
      return endError(await channel.ended);
    } catch (cause) {
      return toNetworkError(cause, { doing: "connect the session" });
    } finally {
      await this.exchange.detach();
    }
  }

  async #connect(signal: AbortSignal): Promise<Channel> {
    const context = { attempt: this.#returns.attempt, error: this.#lastError };
    const { channel, welcome } = await this.#connector.connect(context, signal);
    const { resumed, epoch, spreadMs } = welcome;
    this.#returns.opened(spreadMs);
    this.become("open");
    this.emit("welcome", { resumed, epoch });
    return channel;
  }

  /** Waits until the next attempt; or gives the error back, if there is none. */
  async #untilNext(error: NetworkError, signal: AbortSignal): Promise<NetworkError | undefined> {
    if (signal.aborted) return undefined;
    const next = this.#returns.next(error, this.#connector.isDialling);
    if (!next) return error;
    this.become("waiting");
    this.emit("retry", { ...next, error });
    // Closing ends the wait; the loop sees it.
    await sleep(next.delayMs, { signal, clock: this.#settings.clock }).catch(() => {});
    return undefined;
  }

  async #finish(failure: NetworkError | undefined): Promise<void> {
    const error = failure ?? new ClosedError("the session was closed");
    this.#onSignal[Symbol.dispose]();
    this.#publications.end(error);
    this.exchange.end(error, failure === undefined);
    await this.exchange.incoming.settled();
    this.become("closed");
  }
}

function returnPolicy<Body, Tx>(
  { reconnect, rng = systemRng, token }: SessionOptions<Body, Tx>,
  { clock }: ExchangeSettings<Body, Tx>,
): ReturnPolicy {
  const hasFreshTokens = typeof token === "function";
  return new ReturnPolicy({ ...reconnectDelays(reconnect), clock, rng, hasFreshTokens });
}

function checkedSession(id: string): string {
  if (isName(id)) return id;
  throw new ValidationError(`a session's id must have 1 to ${MAX_NAME_LENGTH} characters`);
}
