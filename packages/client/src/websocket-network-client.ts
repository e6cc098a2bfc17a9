import {
  AuthenticationError,
  type Clock,
  ClosedError,
  exponential,
  linkSignals,
  NetworkError,
  retry,
  systemClock,
} from "@net/core";
import type { WebSocketClientOptions } from "@net/ws";
import * as answers from "./http/answers.ts";
import { type Answer, type Fetch, HttpApi, type RequestOptions } from "./http/http-api.ts";
import { Inbox } from "./inbox/inbox.ts";
import type { OutgoingMessage, Receipt, Received } from "./messages.ts";
import type {
  Agent,
  CallOptions,
  Login,
  LoginOptions,
  NetworkInterface,
  User,
} from "./network-interface.ts";
import { httpBase, webSocketUrl } from "./urls.ts";

export interface WebSocketNetworkClientOptions {
  /** The server: `https://net.example.org`, or with a path before the routes. */
  readonly baseUrl: string | URL;
  /** Where messages are read. Default: `/ws` below `baseUrl`, with `ws:` for `http:` and `wss:` for `https:`. */
  readonly wsUrl?: string | URL | undefined;
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined;
  /** For one call with its repetitions, in ms. Default 10,000. */
  readonly timeout?: number | undefined;
  /** How the WebSocket comes back, see `@net/ws`. */
  readonly reconnect?: WebSocketClientOptions["reconnect"];
  readonly clock?: Clock | undefined;
}

const DEFAULT_TIMEOUT = 10_000;
/** Sending again is safe, as the message's id tells the server; the time-out ends it. */
const SEND_RETRIES: number = Number.POSITIVE_INFINITY;
const sendBackoff = exponential({ initial: 200, max: 2_000 });

interface Session {
  readonly token: string;
  readonly inbox: Inbox;
}

/** A network behind a server: requests by HTTP, messages by WebSocket. The token is kept in memory only. */
export class WebSocketNetworkClient implements NetworkInterface {
  readonly #api: HttpApi;
  readonly #wsUrl: string;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #socketOptions: WebSocketClientOptions;
  readonly #closing = new AbortController();
  #session: Session | undefined;

  /** @throws ValidationError if a URL is not one of the kind it must be. */
  constructor(options: WebSocketNetworkClientOptions) {
    const { timeout = DEFAULT_TIMEOUT, clock = systemClock, reconnect } = options;
    const fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    const baseUrl = httpBase(options.baseUrl);
    this.#api = new HttpApi({ baseUrl, fetch, timeout, clock });
    this.#wsUrl = webSocketUrl(options.wsUrl, baseUrl);
    this.#timeout = timeout;
    this.#clock = clock;
    this.#socketOptions = { reconnect, clock };
  }

  async signup(username: string, password: string, { signal }: CallOptions = {}): Promise<User> {
    const { user } = await this.#request("POST", "signup", {
      body: { username, password },
      signal,
    });
    return answers.userFrom(user);
  }

  async login(
    username: string,
    password: string,
    { device, signal }: LoginOptions = {},
  ): Promise<Login> {
    const body = { username, password, device };
    const answer = await this.#request("POST", "login", { body, signal });
    const { token, login } = answers.loginFrom(answer);
    await this.#session?.inbox.close();
    const inbox = new Inbox({ wsUrl: this.#wsUrl, token, client: this.#socketOptions });
    this.#session = { token, inbox };
    return login;
  }

  async logout({ signal }: CallOptions = {}): Promise<void> {
    const session = this.#session;
    if (!session) return;
    await session.inbox.close();
    try {
      await this.#request("POST", "logout", { token: session.token, signal });
    } catch (error) {
      // Expired, or logged out elsewhere: what was wanted is so.
      if (!AuthenticationError.is(error)) throw error;
    }
    if (this.#session === session) this.#session = undefined;
  }

  async getFriends({ signal }: CallOptions = {}): Promise<readonly User[]> {
    return answers.usersFrom((await this.#authorized("GET", "friends", { signal })).friends);
  }

  async getFriendRequests({ signal }: CallOptions = {}): Promise<readonly User[]> {
    return answers.usersFrom((await this.#authorized("GET", "friends", { signal })).requests);
  }

  async sendFriendRequest(
    username: string,
    { signal }: CallOptions = {},
  ): Promise<"requested" | "accepted"> {
    const path = `friend_request/${encodeURIComponent(username)}`;
    return answers.friendStateFrom(await this.#authorized("POST", path, { signal }));
  }

  async acceptFriendRequest(username: string, { signal }: CallOptions = {}): Promise<User> {
    const path = `accept_friend_request/${encodeURIComponent(username)}`;
    return answers.userFrom((await this.#authorized("POST", path, { signal })).friend);
  }

  async getAgents(friendId: string, { signal }: CallOptions = {}): Promise<readonly Agent[]> {
    const path = `agents/${encodeURIComponent(friendId)}`;
    return answers.agentsFrom((await this.#authorized("GET", path, { signal })).agents);
  }

  async registerAgents(agents: readonly Agent[], { signal }: CallOptions = {}): Promise<void> {
    await this.#authorized("PUT", "agents", { body: { agents }, signal });
  }

  /** Tries again while the server cannot be reached or is overloaded, until the time-out. */
  async sendMessage(message: OutgoingMessage, { signal }: CallOptions = {}): Promise<Receipt> {
    const { id, recipientId, recipientAgent, senderAgent, type, text } = message;
    const from = senderAgent === undefined ? undefined : { agent: senderAgent };
    const body = { id, from, to: { agent: recipientAgent }, type, text };
    const path = `message/${encodeURIComponent(recipientId)}`;
    const answer = await retry(
      (attempt) => this.#authorized("POST", path, { body, signal: attempt.signal }),
      {
        retries: SEND_RETRIES,
        backoff: sendBackoff,
        deadlineMs: this.#timeout,
        clock: this.#clock,
        signal,
      },
    );
    return { id, sentAtMs: answers.sentAtMsFrom(answer) };
  }

  async *messages({ signal }: CallOptions = {}): AsyncGenerator<Received, void, undefined> {
    yield* this.#requireSession().inbox.messages(signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const session = this.#session;
    this.#session = undefined;
    await session?.inbox.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Keeps the token out of logs. */
  toJSON(): { readonly wsUrl: string } {
    return { wsUrl: this.#wsUrl };
  }

  #authorized(method: string, path: string, options: RequestOptions): Promise<Answer> {
    return this.#request(method, path, { ...options, token: this.#requireSession().token });
  }

  async #request(method: string, path: string, options: RequestOptions): Promise<Answer> {
    this.#assertOpen();
    using linked = linkSignals([options.signal, this.#closing.signal]);
    try {
      return await this.#api.request(method, path, { ...options, signal: linked.signal });
    } catch (error) {
      if (NetworkError.is(error, "ABORTED")) this.#assertOpen();
      throw error;
    }
  }

  #requireSession(): Session {
    this.#assertOpen();
    if (this.#session) return this.#session;
    throw new AuthenticationError("log in first");
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new ClosedError("this client was closed");
  }
}
