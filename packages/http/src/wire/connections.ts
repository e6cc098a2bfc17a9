import { Socket } from "node:net";
import { assertAmount, type Clock, formatHostPort, NetworkTimeoutError } from "@net/core";
import {
  Agent,
  buildConnector,
  cacheStores,
  type Dispatcher,
  EnvHttpProxyAgent,
  interceptors,
  Pool,
  ProxyAgent,
} from "undici";
import type { Guard } from "../guard/guard.ts";
import type { CacheOptions, ConnectionOptions } from "../options/connection-options.ts";
import { assertCount } from "../options/count.ts";
import { cacheLimits } from "./cache-limits.ts";
import { caOf, lookupOf } from "./connect-options.ts";
import { proxyOptions } from "./proxy-options.ts";
import type { Wire, WireHandler, WireRequest } from "./wire.ts";

/** More requests to one origin wait: file handles are few, and a server that is flooded answers nobody. */
const MAX_CONNECTIONS_PER_ORIGIN = 256;

export interface ConnectionsOptions extends ConnectionOptions {
  readonly clock: Clock;
  /** For the name look-up, TCP and TLS together, in ms. */
  readonly connectTimeout: number;
  /** Resolves names; addresses in URLs it has checked before they come here. */
  readonly guard: Guard | undefined;
}

type Connect = buildConnector.connector;

/** What undici's agents hand to a factory of pools. */
interface PoolOptions {
  readonly connect: Connect;
  /** Ours: these pools are for targets behind a proxy, and not for the proxy itself. */
  readonly isProxied?: boolean;
}

/**
 * The kept-alive connections of one client: the only file that knows undici. Undici's own timers are off:
 * they fire up to a second late.
 */
export class Connections implements Wire {
  readonly #options: ConnectionsOptions;
  readonly #open: Connect;
  readonly #connecting = new Set<Socket>();
  readonly #agent: Dispatcher;
  readonly #dispatcher: Dispatcher;

  /** @throws ValidationError on a proxy that cannot be one, or a limit out of range. */
  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#open = buildConnector({
      timeout: 0,
      allowH2: false,
      ...lookupOf(options),
      ...caOf(options),
    });
    this.#agent = this.#makeAgent();
    const layers = layersOf(options);
    this.#dispatcher = layers.length > 0 ? this.#agent.compose(...layers) : this.#agent;
  }

  dispatch(request: WireRequest, handler: WireHandler): void {
    this.#dispatcher.dispatch(request as Agent.DispatchOptions, handler as never);
  }

  async destroy(reason: Error): Promise<void> {
    for (const socket of this.#connecting) socket.destroy(reason);
    await this.#agent.destroy(reason);
  }

  #makeAgent(): Dispatcher {
    const { proxy, guard, maxConnections = MAX_CONNECTIONS_PER_ORIGIN } = this.#options;
    const connect: Connect = (to, callback) => this.#limited(this.#open, to, callback);
    const limits = {
      connections: assertCount(maxConnections, "maxConnections"),
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    const factory = (origin: URL | string, options: PoolOptions): Dispatcher => {
      const isTunnelled =
        options.isProxied && options.connect !== connect && /^https:/.test(String(origin));
      const own = isTunnelled ? { connect: this.#tunnelled(options.connect) } : {};
      // HTTP/1.1 is said to the pool and not to the agent, which would write a key of its own for each request.
      return new Pool(origin, { ...limits, ...options, ...own, allowH2: false });
    };
    if (proxy === undefined) return new Agent({ ...limits, factory, connect } as Agent.Options);
    const { uri, ...how } = proxyOptions(proxy, guard !== undefined);
    const clientFactory = this.#proxyPool;
    const shared = {
      ...limits,
      ...how,
      factory,
      clientFactory,
      connectTimeout: 0,
      isProxied: true,
    };
    if (uri === "env") return new EnvHttpProxyAgent({ ...shared, connect } as never);
    const isSocks = uri.startsWith("socks");
    const requestTls = isSocks ? { requestTls: caOf(this.#options) } : {};
    return new ProxyAgent({ ...shared, ...requestTls, uri } as ProxyAgent.Options);
  }

  /** TLS within a proxy's tunnel is ours, not undici's: with our authorities, for the name and not the checked address. */
  #tunnelled(tunnel: Connect): Connect {
    return (to, callback) => {
      const port = to.port || "443";
      const host = formatHostPort({ host: to.hostname, port: Number(port) });
      const plain = { ...to, protocol: "http:", port, host };
      tunnel(plain, (error, socket) => {
        if (error) callback(error, null);
        else this.#limited(this.#open, { ...to, httpSocket: socket }, callback);
      });
    };
  }

  /** Connections to the proxy itself are limited in time like others; where it lies is the caller's choice, not guarded. */
  readonly #proxyPool = (origin: URL, options: object): Dispatcher => {
    const { connect } = options as PoolOptions;
    return new Pool(origin, {
      ...options,
      allowH2: false,
      connect: (to, callback) => this.#limited(connect, to, callback),
    });
  };

  #limited(open: Connect, to: buildConnector.Options, callback: buildConnector.Callback): void {
    const socket: unknown = open(to, (...result) => {
      stop();
      callback(...result);
    });
    // Undici returns the socket that it is connecting, though its types do not say so; a test holds it to that.
    const stop = socket instanceof Socket ? this.#limit(socket, to) : () => {};
  }

  #limit(socket: Socket, { protocol, hostname, port }: buildConnector.Options): () => void {
    const { clock, connectTimeout: timeoutMs } = this.#options;
    const timer = clock.setTimeout(() => {
      const where = `${protocol}//${hostname}${port && `:${port}`}`;
      const message = `cannot connect to ${where}: no answer within ${timeoutMs} ms`;
      socket.destroy(new NetworkTimeoutError(message, { kind: "connect", timeoutMs }));
    }, timeoutMs);
    this.#connecting.add(socket);
    return () => {
      timer.cancel();
      this.#connecting.delete(socket);
    };
  }
}

function layersOf(options: ConnectionsOptions): Dispatcher.DispatcherComposeInterceptor[] {
  const { cache, deduplicate, dnsTtl, guard, proxy } = options;
  return [
    ...(guard && proxy !== undefined ? [toChecked] : []),
    ...(dnsTtl === undefined ? [] : [interceptors.dns(dnsOptions(options, dnsTtl))]),
    ...(deduplicate ? [interceptors.deduplicate()] : []),
    ...(cache ? [cacheLayer(cache === true ? {} : cache)] : []),
  ];
}

/** The innermost: caches know an answer by its origin, and many origins may lie at one address. */
const toChecked: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (request, handler) => {
  const { connectTo } = request as Dispatcher.DispatchOptions & Pick<WireRequest, "connectTo">;
  return dispatch(connectTo === undefined ? request : { ...request, origin: connectTo }, handler);
};

type DnsOptions = Parameters<typeof interceptors.dns>[0];

/** @throws ValidationError unless the TTL is an amount of ms. */
function dnsOptions(options: ConnectionsOptions, dnsTtl: number): NonNullable<DnsOptions> {
  const ttl = assertAmount(dnsTtl, "dnsTtl");
  const { lookup } = lookupOf(options);
  if (!lookup) return { maxTTL: ttl };
  return {
    maxTTL: ttl,
    lookup: (origin, _options, callback) =>
      lookup(origin.hostname, { all: true }, (error, found) => {
        const records = error ? [] : (found as unknown as { address: string; family: 4 | 6 }[]);
        callback(
          error,
          records.map((record) => ({ ...record, ttl })),
        );
      }),
  };
}

function cacheLayer(cache: CacheOptions): Dispatcher.DispatcherComposeInterceptor {
  const store = new cacheStores.MemoryCacheStore(cacheLimits(cache));
  return interceptors.cache({ store, type: cache.shared ? "shared" : "private" });
}
