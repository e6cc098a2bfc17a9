import { ClosedError, formatHostPort } from "@net/core";
import { Accounts } from "./accounts/accounts.ts";
import { Passwords } from "./accounts/passwords.ts";
import { Agents } from "./agents/agents.ts";
import { Connections } from "./delivery/connections.ts";
import { WakeUps } from "./delivery/wake-ups.ts";
import { Friends } from "./friends/friends.ts";
import { HttpServer } from "./http/http-server.ts";
import { type Route, sessionGuard } from "./http/route.ts";
import { accountRoutes } from "./http/routes/accounts.ts";
import { agentRoutes } from "./http/routes/agents.ts";
import { friendRoutes } from "./http/routes/friends.ts";
import { healthRoutes } from "./http/routes/health.ts";
import { messageRoutes } from "./http/routes/messages.ts";
import { RateLimiter } from "./limits/rate-limiter.ts";
import { Messages } from "./messages/messages.ts";
import { type ServerOptions, type ServerSettings, settle } from "./options.ts";
import { SqliteStore } from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { addTestUsers, refuseTestUsersInPublic } from "./test-users.ts";
import { WebSocketEndpoint } from "./websocket/endpoint.ts";

/** A server that listens. */
export interface NetworkServer extends AsyncDisposable {
  /** Where clients reach it: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Where they read messages: `ws://127.0.0.1:8000/ws`. */
  readonly wsUrl: string;
  /**
   * Takes no more requests, tells everyone who is connected (close code 1012), lets answers under way finish for
   * at most 5 s, and closes the database. Closing twice is once.
   */
  close(): Promise<void>;
}

/**
 * Opens the database and starts to listen.
 *
 * @throws ValidationError if an option is out of range; NetworkError `INVALID_STATE` if the database cannot be used,
 * for instance because another server has it open; ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`.
 * @example
 * ```ts
 * await using server = await createServer({ database: "net.db" });
 * console.log(server.url);
 * ```
 */
export async function createServer(options: ServerOptions): Promise<NetworkServer> {
  const settings = settle(options);
  const server = new Server(settings);
  try {
    await server.listen();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

class Server implements NetworkServer {
  readonly #settings: ServerSettings;
  readonly #closing = new AbortController();
  readonly #store: Store;
  readonly #passwords: Passwords;
  readonly #connections: Connections;
  readonly #http: HttpServer;
  readonly #endpoint: WebSocketEndpoint;
  #authority = "";
  #closed: Promise<void> | undefined;

  constructor(settings: ServerSettings) {
    const { database, minPasswordLength, clock, logger } = settings;
    const limiters = createLimiters(settings);
    const { addresses } = limiters;
    const store = new SqliteStore(database);
    const wakeUps = new WakeUps();
    const passwords = new Passwords({ minLength: minPasswordLength, signal: this.#closing.signal });
    const accounts = new Accounts({ ...limiters, store, passwords, clock });
    const { messages } = store;
    const connections = new Connections({ accounts, messages, wakeUps, clock, logger });
    const routes = createRoutes({ settings, store, wakeUps, accounts, connections, limiters });
    this.#settings = settings;
    this.#store = store;
    this.#passwords = passwords;
    this.#connections = connections;
    this.#http = new HttpServer({ routes, logger, clock });
    const { server } = this.#http;
    this.#endpoint = new WebSocketEndpoint({ server, connections, addresses, clock });
  }

  get url(): string {
    return `http://${this.#authority}`;
  }

  get wsUrl(): string {
    return `ws://${this.#authority}/ws`;
  }

  async listen(): Promise<void> {
    const { host, port, testUsers, clock, logger } = this.#settings;
    await this.#passwords.prepare();
    await refuseTestUsersInPublic(this.#store, host);
    if (testUsers) await addTestUsers(this.#store, this.#passwords, clock);
    const boundPort = await this.#http.listen(host, port);
    this.#authority = formatHostPort({ host, port: boundPort });
    logger.info({ url: this.url }, "listening");
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort(new ClosedError("the server is closing"));
    this.#connections.closeAll();
    await Promise.all([this.#endpoint.close(), this.#http.close()]);
    await this.#store.close();
    this.#settings.logger.info("closed");
  }
}

type Limiters = Readonly<Record<"signups" | "logins" | "addresses" | "requests", RateLimiter>>;

function createLimiters({ limits, clock }: ServerSettings): Limiters {
  return {
    signups: new RateLimiter(limits.signup, "sign-ups", clock),
    logins: new RateLimiter(limits.login, "logins", clock),
    addresses: new RateLimiter(limits.address, "connections", clock),
    requests: new RateLimiter(limits.user, "requests", clock),
  };
}

interface RouteParts {
  readonly settings: ServerSettings;
  readonly store: Store;
  readonly wakeUps: WakeUps;
  readonly accounts: Accounts;
  readonly connections: Connections;
  readonly limiters: Limiters;
}

function createRoutes(parts: RouteParts): readonly Route[] {
  const { settings, store, wakeUps, accounts, connections, limiters } = parts;
  const guard = sessionGuard(accounts, limiters.requests);
  const friends = new Friends(store);
  return [
    ...healthRoutes(),
    ...accountRoutes(accounts, connections, guard),
    ...friendRoutes(friends, guard),
    ...agentRoutes(new Agents(store, friends), guard),
    ...messageRoutes(new Messages(store, friends, wakeUps, settings.clock), guard),
  ];
}
