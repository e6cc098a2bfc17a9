import { Socket } from "node:net";
import {
  abortedError,
  type Clock,
  ClosedError,
  NetworkTimeoutError,
  onAbort,
  throwIfAborted,
} from "@net/core";
import { Agent, buildConnector } from "undici";
import { Exchange, type WireRequest, type WireResponse } from "./exchange.ts";

/** More requests to one origin wait: file handles are few, and a server that is flooded answers nobody. */
const MAX_CONNECTIONS_PER_ORIGIN = 256;
/** For the name look-up, TCP and TLS together. */
const CONNECT_TIMEOUT = 10_000;

type ConnectOptions = buildConnector.Options;
type ConnectCallback = buildConnector.Callback;

/**
 * The kept-alive connections of one client: the only file that knows undici. Undici's own timers are off:
 * they fire up to a second late.
 */
export class Connections implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #open = buildConnector({ timeout: 0, allowH2: false });
  readonly #connecting = new Set<Socket>();
  readonly #agent: Agent;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#agent = new Agent({
      connections: MAX_CONNECTIONS_PER_ORIGIN,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => this.#connect(options, callback),
    });
  }

  /** Sends a request and collects its answer, however long that takes; the signal ends it. */
  async exchange(
    request: WireRequest,
    { signal, maxBodyBytes }: { readonly signal: AbortSignal; readonly maxBodyBytes: number },
  ): Promise<WireResponse> {
    throwIfAborted(signal);
    const { method, url, headers, body } = request;
    const exchange = new Exchange(request, maxBodyBytes);
    using _listener = onAbort(signal, () => exchange.fail(abortedError(signal)));
    this.#agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: [...headers].flat(),
        body: body ?? null,
      },
      exchange,
    );
    return await exchange.answer;
  }

  /** Ends every connection at once, with whatever is under way on it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new ClosedError("the HTTP client was closed");
    for (const socket of this.#connecting) socket.destroy(reason);
    await this.#agent.destroy(reason);
  }

  #connect(options: ConnectOptions, callback: ConnectCallback): void {
    const socket: unknown = this.#open(options, (...result) => {
      stop();
      callback(...result);
    });
    // Undici returns the socket that it is connecting, though its types do not say so; a test holds it to that.
    const stop = socket instanceof Socket ? this.#limitConnect(socket, options) : () => {};
  }

  #limitConnect(socket: Socket, { protocol, hostname, port }: ConnectOptions): () => void {
    const timer = this.#clock.setTimeout(() => {
      const where = `${protocol}//${hostname}${port && `:${port}`}`;
      const message = `cannot connect to ${where}: no answer within ${CONNECT_TIMEOUT} ms`;
      socket.destroy(
        new NetworkTimeoutError(message, { kind: "connect", timeoutMs: CONNECT_TIMEOUT }),
      );
    }, CONNECT_TIMEOUT);
    this.#connecting.add(socket);
    return () => {
      timer.cancel();
      this.#connecting.delete(socket);
    };
  }
}
