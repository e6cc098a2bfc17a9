import { abortedError, onAbort, throwIfAborted } from "../abort/aborted.ts";
import { toNetworkError } from "../errors/convert.ts";

/** What Node's servers (TCP, TLS, HTTP) have in common, and all that is needed of one. */
export interface ListeningServer<Where> {
  listen(where: Where): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
  once(event: "listening", listener: () => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  off(event: "listening", listener: () => void): unknown;
  address(): { readonly port: number } | string | null;
  close(): unknown;
}

export interface StartListeningOptions {
  /** How the address is called in errors: `tcp://127.0.0.1:7000`. */
  readonly address: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a server listen, or rejects and leaves nothing open. Errors after that are the caller's.
 *
 * @returns the port, also when 0 was asked for; 0 for a Unix socket or pipe.
 * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`, with phase `listen`; PermissionError; AbortedError.
 * @example
 * ```ts
 * const server = createServer(accept);
 * const port = await startListening(server, { host: "127.0.0.1", port: 0 }, { address: "tcp://127.0.0.1:0" });
 * ```
 */
export async function startListening<Where>(
  server: ListeningServer<Where>,
  where: Where,
  { address, signal }: StartListeningOptions,
): Promise<number> {
  throwIfAborted(signal);
  const listening = Promise.withResolvers<void>();
  server.once("listening", listening.resolve);
  server.once("error", listening.reject);
  using _abort = onAbort(signal, () => signal && listening.reject(abortedError(signal)));
  try {
    server.listen(where);
    await listening.promise;
  } catch (error) {
    listening.promise.catch(() => {}); // What listen threw at once is the reason.
    giveUp(server);
    throw toNetworkError(error, { doing: "listen at", address, phase: "listen" });
  } finally {
    server.off("listening", listening.resolve);
    server.off("error", listening.reject);
  }
  const bound = server.address();
  return typeof bound === "object" && bound ? bound.port : 0;
}

/** Closes it; where it is still looking up a name, what comes of that is closed, or is no news, either. */
function giveUp(server: ListeningServer<never>): void {
  server.once("error", () => {});
  server.once("listening", () => server.close());
  server.close();
}
