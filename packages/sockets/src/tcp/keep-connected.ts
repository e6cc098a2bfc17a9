import { linkSignals, toNetworkError } from "@net/core";
import type { TCPConnection } from "./connection.ts";
import type { Reconnector } from "./reconnect.ts";
import type { Succession } from "./succession.ts";

export interface KeepConnectedOptions {
  readonly dial: (signal: AbortSignal) => Promise<TCPConnection>;
  /** The client is being closed here: nobody is to blame. */
  readonly closing: AbortSignal;
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
}

/** Replaces each connection that ends, until the client is closed or trying makes no more sense. Never rejects. */
export async function keepConnected(
  succession: Succession,
  reconnector: Reconnector,
  { dial, closing, signal }: KeepConnectedOptions,
): Promise<void> {
  using linked = linkSignals([signal, closing]);
  try {
    for (;;) {
      const { connection } = succession;
      await connection.closed;
      await succession.caughtUp(linked.signal);
      succession.follow(await reconnector.open(dial, linked.signal, connection.endReason));
    }
  } catch (error) {
    succession.end(closing.aborted ? undefined : toNetworkError(error));
  }
}
