import type { Server } from "node:net";
import { abortedError, onAbort, throwIfAborted, toNetworkError } from "@net/core";
import { type Endpoint, formatAddress } from "./address.ts";

/**
 * Makes a server listen, and says on which port it does: 0 for a Unix socket or pipe.
 *
 * @throws ConnectionError `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`; AbortedError.
 */
export async function startListening(
  server: Server,
  where: Endpoint,
  signal: AbortSignal | undefined,
): Promise<number> {
  throwIfAborted(signal);
  const listening = Promise.withResolvers<void>();
  server.once("listening", listening.resolve);
  server.once("error", listening.reject);
  using _abort = onAbort(signal, () => signal && listening.reject(abortedError(signal)));
  server.listen(where);
  try {
    await listening.promise;
  } catch (error) {
    server.close();
    const address = formatAddress(where);
    throw toNetworkError(error, { doing: "listen at", address, phase: "listen" });
  } finally {
    server.off("listening", listening.resolve);
    server.off("error", listening.reject);
  }
  const bound = server.address();
  return typeof bound === "object" && bound ? bound.port : 0;
}
